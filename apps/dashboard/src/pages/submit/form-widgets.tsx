// The inputs of the form of a payload, made of the page's own fields.
import type { RegistryWidgetsType, WidgetProps } from '@rjsf/utils';

import { Checkbox, type Option, Select, TextField } from '../../ui/fields.js';

/** From so many characters on a text has lines. */
const longText = 1_000;
const codeNames: ReadonlySet<string> = new Set(['sql', 'query', 'expression', 'content', 'script', 'code']);

const errorOf = ({ rawErrors }: Pick<WidgetProps, 'rawErrors'>): string | undefined =>
  rawErrors === undefined || rawErrors.length === 0 ? undefined : rawErrors.join('. ');

const hintOf = ({ schema }: Pick<WidgetProps, 'schema'>): string | undefined => schema.description;

/** What stands there while nothing is written: what is taken then, or an example. */
const placeholderOf = ({ schema, required }: Pick<WidgetProps, 'schema' | 'required'>): string | undefined => {
  const { default: standard, examples } = schema;
  const shown: unknown = standard ?? (Array.isArray(examples) ? examples[0] : undefined);
  if (shown !== undefined) return typeof shown === 'string' ? shown : JSON.stringify(shown);
  return required === true ? undefined : '';
};

const isNumber = (type: unknown): boolean => type === 'number' || type === 'integer';

const isLong = ({ maxLength, pattern, format }: WidgetProps['schema'], text: string): boolean =>
  text.includes('\n') ||
  (format === undefined && (maxLength === undefined ? pattern === undefined : maxLength >= longText));

const rowsOf = (text: string): number => Math.min(14, Math.max(3, text.split('\n').length));

const TextInput = (props: WidgetProps) => {
  const { schema, name, label, required = false, readonly = false, disabled = false, onChange } = props;
  const value: unknown = props.value;
  const text = value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  const number = isNumber(schema.type);
  const hint = hintOf(props);
  const placeholder = placeholderOf(props);
  return (
    <TextField
      label={label}
      value={text}
      // The form library reads numbers from texts, and keeps a text that is none: its problem is then shown.
      onChange={(next) => {
        onChange(next === '' ? undefined : next);
      }}
      isRequired={required}
      isReadOnly={readonly}
      isDisabled={disabled}
      isCode={codeNames.has(name)}
      error={errorOf(props)}
      {...(hint !== undefined && { hint })}
      {...(placeholder !== undefined && placeholder !== '' && { placeholder })}
      {...(number && { inputMode: schema.type === 'integer' ? 'numeric' : 'decimal' })}
      {...(!number && isLong(schema, text) && { rows: rowsOf(text) })}
    />
  );
};

const notSet = 'not-set';

const Choices = (props: WidgetProps) => {
  const { options, label, multiple = false, required = false, disabled = false, readonly = false, onChange } = props;
  const value: unknown = props.value;
  const choices = options.enumOptions ?? [];
  const hint = hintOf(props);
  if (multiple) return <Several {...props} />;
  const standard = placeholderOf({ schema: props.schema });
  const listed: readonly Option[] = [
    ...(required
      ? []
      : [{ id: notSet, text: standard === undefined || standard === '' ? 'Not set' : `Not set: ${standard}` }]),
    ...choices.map((choice, index) => ({ id: String(index), text: choice.label })),
  ];
  const chosen = choices.findIndex((choice) => choice.value === value);
  return (
    <Select
      label={label}
      options={listed}
      value={chosen >= 0 ? String(chosen) : required ? undefined : notSet}
      onChange={(id) => {
        onChange(id === notSet ? undefined : choices[Number(id)]?.value);
      }}
      isDisabled={disabled || readonly}
      error={errorOf(props)}
      {...(hint !== undefined && { hint })}
    />
  );
};

/** Some of a few. */
const Several = (props: WidgetProps) => {
  const { options, label, disabled = false, readonly = false, onChange } = props;
  const value: unknown = props.value;
  const chosen: readonly unknown[] = Array.isArray(value) ? value : [];
  const error = errorOf(props);
  return (
    <div className="field" role="group" aria-label={label}>
      <span className="field-label">{label}</span>
      <div className="cluster">
        {(options.enumOptions ?? []).map((choice, index) => (
          <Checkbox
            key={String(index)}
            isSelected={chosen.includes(choice.value)}
            isDisabled={disabled || readonly}
            onChange={(isOn) => {
              const others = chosen.filter((one) => one !== choice.value);
              onChange(isOn ? [...others, choice.value] : others);
            }}
          >
            {choice.label}
          </Checkbox>
        ))}
      </div>
      {hintOf(props) !== undefined && <span className="field-hint">{hintOf(props)}</span>}
      {error !== undefined && <span className="field-error">{error}</span>}
    </div>
  );
};

const YesOrNo = (props: WidgetProps) => {
  const { label, disabled = false, readonly = false, onChange } = props;
  const error = errorOf(props);
  return (
    <div className="field">
      <Checkbox
        isSelected={props.value === true}
        isDisabled={disabled || readonly}
        onChange={(isOn) => {
          onChange(isOn);
        }}
      >
        {label}
      </Checkbox>
      {hintOf(props) !== undefined && <span className="field-hint">{hintOf(props)}</span>}
      {error !== undefined && <span className="field-error">{error}</span>}
    </div>
  );
};

/** Every format of a text is written as text: the API says what is wrong with it. */
export const widgets: RegistryWidgetsType = {
  CheckboxWidget: YesOrNo,
  CheckboxesWidget: Several,
  ColorWidget: TextInput,
  DateTimeWidget: TextInput,
  DateWidget: TextInput,
  EmailWidget: TextInput,
  FileWidget: TextInput,
  PasswordWidget: TextInput,
  RadioWidget: Choices,
  RangeWidget: TextInput,
  SelectWidget: Choices,
  TextWidget: TextInput,
  TextareaWidget: TextInput,
  TimeWidget: TextInput,
  UpDownWidget: TextInput,
  URLWidget: TextInput,
};

// Fields of the form of a payload that are more than one input: one of several forms, and anything at all.
import type { FieldProps, RegistryFieldsType, RJSFSchema } from '@rjsf/utils';
import { useState } from 'react';

import { Button } from '../../ui/button.js';
import { Select, TextField } from '../../ui/fields.js';
import { asBranch, branchOf } from './form-schema.policy.js';
import { isObject } from './pointer.policy.js';

/** Entries of a list come with the name `rules-0`, and are counted from one as in their heading. */
const titleOf = ({ schema, name }: Pick<FieldProps, 'schema' | 'name'>): string =>
  schema.title ?? name.replace(/-(\d+)$/, (_, index: string) => ` ${String(Number(index) + 1)}`);

const isWhole = (branch: unknown): boolean =>
  isObject(branch) && (branch['type'] === 'object' || branch['type'] === 'array');

/** A value of one of several forms, with a choice between them. What it is follows from the value. */
const UnionField = (props: FieldProps) => {
  const { schema, fieldPathId, registry, required = false, onChange, disabled = false, readonly = false } = props;
  const options = props['options'] as readonly RJSFSchema[];
  const root = registry.rootSchema;
  const value: unknown = props.formData;
  const [chosen, setChosen] = useState<number>();
  const found = branchOf(options, value, root);
  // A form that was chosen holds until there is a value that says another one.
  const fitting = chosen !== undefined && (value === undefined || found < 0) ? chosen : found;
  const branch = options[fitting];
  const { SchemaField } = registry.fields;
  const title = titleOf(props);
  const isLocked = disabled || readonly;
  const choose = (index: number): void => {
    setChosen(index);
    onChange(asBranch(options[index], value, root), fieldPathId.path, undefined, fieldPathId.$id);
  };
  if (value === undefined && !required && options.every(isWhole)) {
    return (
      <Button
        size="s"
        icon="plus"
        isDisabled={isLocked}
        onPress={() => {
          choose(0);
        }}
      >
        {`Add ${title}`}
      </Button>
    );
  }
  const around = Object.fromEntries(Object.entries(schema).filter(([name]) => name !== 'anyOf' && name !== 'oneOf'));
  return (
    <div className="form-union">
      <div className="form-union-head">
        <Select
          label={`Kind of ${title}`}
          options={options.map((option, index) => ({
            id: String(index),
            text: option.title ?? `Kind ${String(index + 1)}`,
          }))}
          value={fitting < 0 ? undefined : String(fitting)}
          onChange={(id) => {
            choose(Number(id));
          }}
          isDisabled={isLocked}
        />
        {!required && value !== undefined && (
          <Button
            size="s"
            kind="quiet"
            icon="close"
            isDisabled={isLocked}
            onPress={() => {
              onChange(undefined, fieldPathId.path, undefined, fieldPathId.$id);
            }}
          >
            {`Leave ${title} out`}
          </Button>
        )}
      </div>
      {branch !== undefined && branch.type !== 'null' && SchemaField !== undefined && (
        // An object has its own way to be left out, which is here already.
        <SchemaField {...props} required={required || isWhole(branch)} schema={{ ...around, ...branch, title }} />
      )}
    </div>
  );
};

const textOfValue = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value, null, 2));

const read = (text: string): { readonly value: unknown } | undefined => {
  if (text.trim() === '') return { value: undefined };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
};

/** Any value, written as JSON. */
const AnythingField = (props: FieldProps) => {
  const { schema, fieldPathId, required = false, onChange, rawErrors = [], disabled = false } = props;
  const value: unknown = props.formData;
  const [text, setText] = useState(textOfValue(value));
  const known = read(text);
  const isMine = known === undefined || JSON.stringify(known.value) === JSON.stringify(value);
  const shown = isMine ? text : textOfValue(value);
  const isJson = read(shown) !== undefined;
  return (
    <TextField
      label={titleOf(props)}
      value={shown}
      rows={3}
      isCode
      isRequired={required}
      isDisabled={disabled}
      hint={schema.description ?? 'Any JSON: a text stands in quotes'}
      error={isJson ? rawErrors.join('. ') || undefined : 'This is not JSON yet'}
      onChange={(next) => {
        setText(next);
        const parsed = read(next);
        if (parsed !== undefined) onChange(parsed.value, fieldPathId.path, undefined, fieldPathId.$id);
      }}
    />
  );
};

export const fields: RegistryFieldsType = {
  AnyOfField: UnionField,
  OneOfField: UnionField,
  anything: AnythingField,
};

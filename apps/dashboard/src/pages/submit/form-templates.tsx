// How the form of a payload is laid out: lists, objects, names that may be made up.
import {
  ADDITIONAL_PROPERTY_FLAG,
  type ArrayFieldItemTemplateProps,
  type ArrayFieldTemplateProps,
  canExpand,
  type FieldTemplateProps,
  type ObjectFieldTemplateProps,
  type OptionalDataControlsTemplateProps,
  type TemplatesType,
  type UnsupportedFieldProps,
  type WrapIfAdditionalTemplateProps,
} from '@rjsf/utils';
import { useState } from 'react';

import { Button, IconButton } from '../../ui/button.js';
import { TextField } from '../../ui/fields.js';
import { Note } from '../../ui/error-state.js';
import { counted } from '../../ui/numbers.policy.js';
import { isObject, pointerOf } from './pointer.policy.js';

const Nothing = () => null;

const Errors = ({ errors }: { readonly errors: readonly string[] | undefined }) =>
  errors === undefined || errors.length === 0 ? null : <p className="field-error">{errors.join('. ')}</p>;

const isContainer = ({ type, anyOf, oneOf, properties, additionalProperties }: FieldTemplateProps['schema']): boolean =>
  anyOf === undefined &&
  oneOf === undefined &&
  (type === 'object' || type === 'array' || properties !== undefined || additionalProperties !== undefined);

/** One member of the payload. Inputs say themselves what is wrong with them; lists and objects do not. */
const Member = (props: FieldTemplateProps) => {
  const { children, hidden = false, rawErrors, schema, fieldPathId } = props;
  if (hidden) return null;
  return (
    <MadeUpName {...props}>
      <div className="form-member" data-pointer={pointerOf(fieldPathId.path)}>
        {children}
        {isContainer(schema) && <Errors errors={rawErrors} />}
      </div>
    </MadeUpName>
  );
};

const MadeUpName = (props: WrapIfAdditionalTemplateProps) => {
  const { schema, label, children, onKeyRenameBlur, onRemoveProperty, disabled, readonly } = props;
  if (!(ADDITIONAL_PROPERTY_FLAG in schema)) return <>{children}</>;
  return (
    <div className="form-pair">
      <TextField
        key={label}
        label="Name"
        defaultValue={label}
        isDisabled={disabled || readonly}
        onBlur={(event) => {
          onKeyRenameBlur(event);
        }}
      />
      {children}
      <IconButton
        icon="close"
        size="s"
        label={`Remove ${label}`}
        isDisabled={disabled || readonly}
        onPress={() => {
          onRemoveProperty();
        }}
      />
    </div>
  );
};

/**
 * Which members of an object are shown: those that must be there and those that have been, until all are asked for. A member
 * that is emptied stays, or it would vanish under the hands of who writes.
 */
const useShown = (required: readonly string[], data: unknown): [(name: string) => boolean, boolean, () => void] => {
  const [showsAll, setShowsAll] = useState(false);
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const present = isObject(data) ? Object.keys(data).filter((name) => data[name] !== undefined) : [];
  if (present.some((name) => !seen.has(name))) setSeen(new Set([...seen, ...present]));
  const toggle = (): void => {
    setSeen(new Set(present));
    setShowsAll(!showsAll);
  };
  return [(name) => showsAll || required.includes(name) || seen.has(name), showsAll, toggle];
};

/** What an object is called: in a list by its place. */
const calledIn = (path: readonly (string | number)[], title: string): string => {
  const last = path.at(-1);
  return typeof last === 'number' ? `${String(path.at(-2) ?? '')} ${String(last + 1)}`.trim() : title;
};

/** So few members that may be missing are shown at once. */
const fewOptional = 2;

const ObjectLayout = (props: ObjectFieldTemplateProps) => {
  const { schema, uiSchema, title, description, properties, fieldPathId, optionalDataControl, onAddProperty } = props;
  const { disabled = false, readonly = false } = props;
  const data: unknown = props.formData;
  const [isShown, showsAll, toggle] = useShown(schema.required ?? [], data);
  // What can only be one value is given by the form that was chosen.
  const isGiven = (name: string): boolean => {
    const property = schema.properties?.[name];
    return isObject(property) && 'const' in property && isObject(data) && data[name] === property['const'];
  };
  const drawn = properties.filter(({ name, hidden }) => !hidden && !isGiven(name));
  const some = drawn.filter(({ name }) => isShown(name));
  const rest = drawn.length - some.length;
  const canGrow = Boolean(canExpand(schema, uiSchema, data));
  // Where a name may be made up, the first one makes the object.
  const asksFirst = optionalDataControl !== undefined && !(data === undefined && canGrow);
  const isRoot = fieldPathId.path.length === 0;
  // A union without members of its own: its form is drawn by the union.
  if (properties.length === 0 && (schema.anyOf ?? schema.oneOf) !== undefined) return null;
  const content = (
    <>
      {(rest > fewOptional || showsAll ? some : drawn).map((property) => (
        <div key={property.name}>{property.content}</div>
      ))}
      {(rest > fewOptional || showsAll) && (
        <div>
          <Button size="s" kind="quiet" icon={showsAll ? 'minus' : 'plus'} onPress={toggle}>
            {showsAll ? 'Fewer fields' : counted(rest, 'more field')}
          </Button>
        </div>
      )}
      {canGrow && (
        <div>
          <Button
            size="s"
            icon="plus"
            isDisabled={disabled || readonly}
            onPress={() => {
              onAddProperty();
            }}
          >
            {title === '' ? 'Add a member' : `Add to ${title}`}
          </Button>
        </div>
      )}
    </>
  );
  if (isRoot) return <div className="form-root">{content}</div>;
  return (
    <fieldset className="form-group">
      <legend className="form-legend">{calledIn(fieldPathId.path, title)}</legend>
      {asksFirst && <div>{optionalDataControl}</div>}
      {typeof description === 'string' && description !== '' && <p className="field-hint">{description}</p>}
      {content}
    </fieldset>
  );
};

const ListLayout = (props: ArrayFieldTemplateProps) => {
  const { title, schema, items, canAdd = false, onAddClick, disabled = false, readonly = false } = props;
  return (
    <fieldset className="form-group">
      <legend className="form-legend">{title}</legend>
      {schema.description !== undefined && <p className="field-hint">{schema.description}</p>}
      {items}
      {canAdd && (
        <div>
          <Button
            size="s"
            icon="plus"
            isDisabled={disabled || readonly}
            onPress={() => {
              onAddClick();
            }}
          >
            {`Add to ${title}`}
          </Button>
        </div>
      )}
    </fieldset>
  );
};

const ListItem = ({ children, buttonsProps, index, totalItems }: ArrayFieldItemTemplateProps) => {
  const {
    hasRemove,
    hasMoveUp,
    hasMoveDown,
    onRemoveItem,
    onMoveUpItem,
    onMoveDownItem,
    disabled = false,
  } = buttonsProps;
  const place = String(index + 1);
  return (
    <div className="form-item">
      <div className="form-item-body">{children}</div>
      <div className="form-item-actions">
        {hasMoveUp && (
          <span className="form-move">
            <IconButton
              icon="back"
              size="s"
              label={`Move item ${place} up`}
              isDisabled={disabled}
              onPress={() => {
                onMoveUpItem();
              }}
            />
          </span>
        )}
        {hasMoveDown && totalItems > 1 && (
          <span className="form-move">
            <IconButton
              icon="arrow"
              size="s"
              label={`Move item ${place} down`}
              isDisabled={disabled}
              onPress={() => {
                onMoveDownItem();
              }}
            />
          </span>
        )}
        {hasRemove && (
          <IconButton
            icon="trash"
            size="s"
            label={`Remove item ${place}`}
            isDisabled={disabled}
            onPress={() => {
              onRemoveItem();
            }}
          />
        )}
      </div>
    </div>
  );
};

const OptionalControls = ({ onAddClick, onRemoveClick, schema }: OptionalDataControlsTemplateProps) => {
  const name = schema.title ?? '';
  if (onAddClick !== undefined)
    return (
      <Button size="s" kind="quiet" icon="plus" onPress={onAddClick}>
        {`Add ${name}`.trim()}
      </Button>
    );
  if (onRemoveClick !== undefined)
    return (
      <Button size="s" kind="quiet" icon="close" onPress={onRemoveClick}>
        {name === '' ? 'Leave out' : `Leave ${name} out`}
      </Button>
    );
  return null;
};

const Unsupported = ({ reason }: UnsupportedFieldProps) => (
  <Note kind="info">This part has no form: write it in the JSON. {reason}</Note>
);

/** Only what differs from the library's own. What says an error or a description is with the field that has it. */
export const templates: Partial<Omit<TemplatesType, 'ButtonTemplates'>> = {
  ArrayFieldItemTemplate: ListItem,
  ArrayFieldTemplate: ListLayout,
  DescriptionFieldTemplate: Nothing,
  ErrorListTemplate: Nothing,
  FieldErrorTemplate: Nothing,
  FieldHelpTemplate: Nothing,
  FieldTemplate: Member,
  ObjectFieldTemplate: ObjectLayout,
  OptionalDataControlsTemplate: OptionalControls,
  UnsupportedFieldTemplate: Unsupported,
  WrapIfAdditionalTemplate: MadeUpName,
};

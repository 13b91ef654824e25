import './fields.css';

import type { ReactNode, Ref } from 'react';
import { CheckboxButton, CheckboxField, type CheckboxFieldProps } from 'react-aria-components/Checkbox';
import { FieldError } from 'react-aria-components/FieldError';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import { SearchField } from 'react-aria-components/SearchField';
import { Button as AriaButton } from 'react-aria-components/Button';
import { Select as AriaSelect, SelectValue } from 'react-aria-components/Select';
import { SwitchButton, SwitchField } from 'react-aria-components/Switch';
import { Text } from 'react-aria-components/Text';
import { TextArea as AriaTextArea } from 'react-aria-components/TextArea';
import { TextField as AriaTextField, type TextFieldProps as AriaTextFieldProps } from 'react-aria-components/TextField';

import type { Option } from './choice.js';
import { Icon } from './icon.js';
import { Keys } from './keys.js';

export { Choice, type Option } from './choice.js';

interface FieldProps {
  readonly label: string;
  /** What belongs into it, below it. */
  readonly hint?: ReactNode;
  /** What is wrong with what is in it. */
  readonly error?: string | undefined;
}

interface TextFieldProps extends FieldProps, Omit<AriaTextFieldProps, 'className' | 'style' | 'children'> {
  readonly placeholder?: string;
  /** More than one line, so many at first. */
  readonly rows?: number;
  readonly isCode?: boolean;
  readonly inputRef?: Ref<HTMLInputElement>;
}

export const TextField = ({
  label,
  hint,
  error,
  placeholder,
  rows,
  isCode = false,
  inputRef,
  ...props
}: TextFieldProps) => {
  const className = isCode ? 'input mono' : 'input';
  return (
    // Natively invalid, a field would keep its form from being sent until it changes in a way that we cannot see.
    <AriaTextField {...props} className="field" isInvalid={error !== undefined} validationBehavior="aria">
      <Label className="field-label">{label}</Label>
      {rows === undefined ? (
        <Input className={className} {...(placeholder && { placeholder })} {...(inputRef && { ref: inputRef })} />
      ) : (
        <AriaTextArea className={`${className} input-area`} rows={rows} {...(placeholder && { placeholder })} />
      )}
      {hint !== undefined && (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
      <FieldError className="field-error">{error}</FieldError>
    </AriaTextField>
  );
};

interface SearchBoxProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly onSubmit?: (text: string) => void;
  readonly placeholder?: string;
  /** The key that brings the focus here; register it with `useKeys`. */
  readonly keys?: string;
  readonly inputRef?: Ref<HTMLInputElement>;
}

/** One box to search in. */
export const SearchBox = ({ label, value, onChange, onSubmit, placeholder, keys, inputRef }: SearchBoxProps) => (
  <SearchField className="search" aria-label={label} value={value} onChange={onChange} {...(onSubmit && { onSubmit })}>
    <Icon name="search" />
    <Input className="search-input" {...(placeholder && { placeholder })} {...(inputRef && { ref: inputRef })} />
    {value === '' && keys !== undefined && <Keys keys={keys} />}
    {value !== '' && (
      <AriaButton className="search-clear" aria-label="Clear the search">
        <Icon name="close" size={13} />
      </AriaButton>
    )}
  </SearchField>
);

interface SelectProps<T extends string> extends FieldProps {
  readonly options: readonly Option<T>[];
  readonly value: T | undefined;
  readonly onChange: (value: T) => void;
  readonly placeholder?: string;
  readonly isLabelHidden?: boolean;
  readonly isDisabled?: boolean;
}

/** One of a few. */
export const Select = <T extends string>(props: SelectProps<T>) => {
  const { label, hint, error, options, value, onChange, placeholder = 'Choose', isLabelHidden = false } = props;
  return (
    <AriaSelect
      className="field"
      value={value ?? null}
      onChange={(key) => {
        if (key !== null) onChange(String(key) as T);
      }}
      placeholder={placeholder}
      isInvalid={error !== undefined}
      validationBehavior="aria"
      isDisabled={props.isDisabled === true}
      {...(isLabelHidden && { 'aria-label': label })}
    >
      {!isLabelHidden && <Label className="field-label">{label}</Label>}
      <AriaButton className="input select">
        <SelectValue className="select-value truncate" />
        <Icon name="chevron" size={12} className="select-mark" />
      </AriaButton>
      {hint !== undefined && (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
      <FieldError className="field-error">{error}</FieldError>
      <Popover className="popover" offset={4}>
        <ListBox className="menu" items={options}>
          {(option) => (
            <ListBoxItem id={option.id} textValue={option.text} className="menu-item">
              <span className="menu-item-text">{option.text}</span>
              {option.hint !== undefined && <span className="menu-item-hint">{option.hint}</span>}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
};

interface CheckboxProps extends Omit<CheckboxFieldProps, 'className' | 'style' | 'children'> {
  readonly children?: ReactNode;
}

export const Checkbox = ({ children, ...props }: CheckboxProps) => (
  <CheckboxField {...props} className="checkbox-field">
    <CheckboxButton className="checkbox">
      {({ isSelected, isIndeterminate }) => (
        <>
          <span className="checkbox-box">
            {isIndeterminate ? <Icon name="minus" size={12} /> : isSelected && <Icon name="check" size={12} />}
          </span>
          {children}
        </>
      )}
    </CheckboxButton>
  </CheckboxField>
);

interface SwitchProps {
  readonly children: ReactNode;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}

export const Switch = ({ children, isOn, onChange }: SwitchProps) => (
  <SwitchField className="checkbox-field" isSelected={isOn} onChange={onChange}>
    <SwitchButton className="switch">
      <span className="switch-track" aria-hidden="true" />
      {children}
    </SwitchButton>
  </SwitchField>
);

import './button.css';

import { createLink, type LinkComponent } from '@tanstack/react-router';
import type { MouseEvent, Ref } from 'react';

import { Icon, type IconName } from './icon.js';

export type ButtonKind = 'primary' | 'plain' | 'quiet' | 'danger';

interface Look {
  /** `primary` once on a page; `danger` for what cannot be undone. */
  readonly kind?: ButtonKind;
  readonly size?: 'm' | 's';
  readonly icon?: IconName;
}

const classOf = ({ kind = 'plain', size = 'm' }: Look, extra = ''): string =>
  `button button-${kind} button-${size} ${extra}`;

type NativeProps = Omit<React.ButtonHTMLAttributes<HTMLButtonElement>, 'className' | 'style' | 'onClick' | 'disabled'>;

export interface ButtonProps extends NativeProps, Look {
  readonly onPress?: (() => void) | undefined;
  readonly isDisabled?: boolean;
  /** It is being done: the button keeps the focus, and does it no second time. */
  readonly isPending?: boolean;
  readonly ref?: Ref<HTMLButtonElement>;
}

interface PlainProps extends Omit<ButtonProps, keyof Look> {
  readonly className: string;
  readonly 'data-tip'?: string;
  readonly 'data-tip-keys'?: string | undefined;
}

/** A button of the browser: those of react-aria would be a tenth of what a first visit loads. */
const Native = ({ onPress, isDisabled, isPending = false, type = 'button', ...props }: PlainProps) => (
  <button
    {...props}
    type={type}
    disabled={isDisabled}
    aria-disabled={isPending || undefined}
    onClick={(event: MouseEvent<HTMLButtonElement>) => {
      if (isPending) {
        event.preventDefault();
        return;
      }
      // Safari gives it none, and what opens over the page would not know where to give it back to.
      event.currentTarget.focus();
      onPress?.();
    }}
  />
);

export const Button = ({ kind, size, icon, children, ...props }: ButtonProps) => (
  <Native {...props} className={classOf({ ...(kind && { kind }), ...(size && { size }) })}>
    {props.isPending === true ? <span className="spinner" aria-hidden="true" /> : icon && <Icon name={icon} />}
    {children}
  </Native>
);

interface IconButtonProps extends Omit<ButtonProps, 'children' | 'icon'> {
  readonly icon: IconName;
  /** What it does: spoken, and shown when the pointer rests on it. */
  readonly label: string;
  /** Its key, shown beside the label. */
  readonly keys?: string;
}

export const IconButton = ({ icon, label, keys, kind = 'quiet', size = 'm', ...props }: IconButtonProps) => (
  <Native
    {...props}
    aria-label={label}
    data-tip={label}
    data-tip-keys={keys}
    className={classOf({ kind, size }, 'button-icon')}
  >
    <Icon name={icon} />
  </Native>
);

interface AnchorProps extends Look, Omit<React.AnchorHTMLAttributes<HTMLAnchorElement>, 'className' | 'style'> {
  readonly ref?: Ref<HTMLAnchorElement>;
}

const Anchor = ({ kind, size, icon, children, ...props }: AnchorProps) => (
  <a {...props} className={classOf({ ...(kind && { kind }), ...(size && { size }) })}>
    {icon && <Icon name={icon} />}
    {children}
  </a>
);

const LinkOfRouter = createLink(Anchor);

/** A link that looks like a button: it goes somewhere, with the typed `to`, `params` and `search` of the router. */
export const ButtonLink: LinkComponent<typeof Anchor> = (props) => <LinkOfRouter {...props} />;

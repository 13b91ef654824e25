import './button.css';

import type { ReactNode, Ref } from 'react';
import { Button as AriaButton, type ButtonProps as AriaProps } from 'react-aria-components/Button';
import { createLink, type LinkComponent } from '@tanstack/react-router';

import { Icon, type IconName } from './icon.js';
import { Tip } from './tooltip.js';

export type ButtonKind = 'primary' | 'plain' | 'quiet' | 'danger';

interface Look {
  /** `primary` once on a page; `danger` for what cannot be undone. */
  readonly kind?: ButtonKind;
  readonly size?: 'm' | 's';
  readonly icon?: IconName;
}

const classOf = ({ kind = 'plain', size = 'm' }: Look, extra = ''): string =>
  `button button-${kind} button-${size} ${extra}`;

export interface ButtonProps extends Omit<AriaProps, 'className' | 'style' | 'children'>, Look {
  readonly children?: ReactNode;
  readonly ref?: Ref<HTMLButtonElement>;
}

export const Button = ({ kind, size, icon, children, ...props }: ButtonProps) => (
  <AriaButton {...props} className={classOf({ ...(kind && { kind }), ...(size && { size }) })}>
    {props.isPending === true ? <span className="spinner" aria-hidden="true" /> : icon && <Icon name={icon} />}
    {children}
  </AriaButton>
);

interface IconButtonProps extends Omit<ButtonProps, 'children' | 'icon'> {
  readonly icon: IconName;
  /** What it does: spoken, and shown when the pointer rests on it. */
  readonly label: string;
  /** Its key, shown beside the label. */
  readonly keys?: string;
}

export const IconButton = ({ icon, label, keys, kind = 'quiet', size = 'm', ...props }: IconButtonProps) => (
  <Tip text={label} {...(keys !== undefined && { keys })}>
    <AriaButton {...props} aria-label={label} className={classOf({ kind, size }, 'button-icon')}>
      <Icon name={icon} />
    </AriaButton>
  </Tip>
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

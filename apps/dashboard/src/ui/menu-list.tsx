import './overlay.css';

import type { RefObject } from 'react';
import { Menu as AriaMenu, MenuItem as AriaItem, Separator } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';

import { Icon } from './icon.js';
import { Keys } from './keys.js';
import type { MenuEntry, MenuItemProps } from './menu.js';

interface MenuListProps {
  /** What it belongs to. */
  readonly button: RefObject<HTMLButtonElement | null>;
  readonly isOpen: boolean;
  readonly onOpen: (isOpen: boolean) => void;
  readonly label: string;
  readonly entries: readonly MenuEntry[];
}

/** The actions of a menu, beside its button. */
export const MenuList = ({ button, isOpen, onOpen, label, entries }: MenuListProps) => (
  <Popover
    className="popover"
    placement="bottom end"
    offset={4}
    triggerRef={button}
    isOpen={isOpen}
    onOpenChange={onOpen}
  >
    <AriaMenu
      className="menu"
      aria-label={label}
      autoFocus="first"
      onClose={() => {
        onOpen(false);
      }}
    >
      {entries.map((entry, index) =>
        entry.kind === 'line' ? <Separator key={index} className="menu-line" /> : <Item key={index} {...entry.props} />,
      )}
    </AriaMenu>
  </Popover>
);

const linkOf = ({ href, isDownload = false }: MenuItemProps): object => {
  if (href === undefined) return {};
  return isDownload ? { href, download: '' } : { href, target: '_blank', rel: 'noreferrer' };
};

const Item = (props: MenuItemProps) => {
  const { children, icon, keys, isDanger = false, isDisabled, onAction } = props;
  return (
    <AriaItem
      className={isDanger ? 'menu-item menu-item-danger' : 'menu-item'}
      textValue={children}
      {...(isDisabled !== undefined && { isDisabled })}
      {...linkOf(props)}
      {...(onAction !== undefined && { onAction })}
    >
      {icon !== undefined && <Icon name={icon} />}
      <span className="menu-item-text">{children}</span>
      {keys !== undefined && <Keys keys={keys} />}
    </AriaItem>
  );
};

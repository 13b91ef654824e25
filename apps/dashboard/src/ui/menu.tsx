// A button with a list of actions. The list and what places it are loaded when a menu is first wanted.
import {
  Children,
  cloneElement,
  Fragment,
  isValidElement,
  lazy,
  type ReactElement,
  type ReactNode,
  type RefObject,
  Suspense,
  useRef,
  useState,
} from 'react';

import type { IconName } from './icon.js';

export interface MenuItemProps {
  readonly children: string;
  readonly icon?: IconName;
  readonly keys?: string;
  readonly isDanger?: boolean;
  readonly isDisabled?: boolean;
  /** For links out of the page; inside it, navigate in `onAction`. */
  readonly href?: string;
  /** The link is a file to be saved. */
  readonly isDownload?: boolean;
  readonly onAction?: () => void;
}

/** An action of a `Menu`: it stands directly in it, or in a fragment, and is drawn by it. */
export const MenuItem: (props: MenuItemProps) => ReactNode = () => null;

/** A line between two groups of actions. */
export const MenuLine = (): ReactNode => null;

export type MenuEntry = { readonly kind: 'line' } | { readonly kind: 'item'; readonly props: MenuItemProps };

const entriesOf = (children: ReactNode): MenuEntry[] =>
  Children.toArray(children).flatMap((child): MenuEntry[] => {
    if (!isValidElement(child)) return [];
    if (child.type === Fragment) return entriesOf((child.props as { readonly children?: ReactNode }).children);
    return child.type === MenuLine ? [{ kind: 'line' }] : [{ kind: 'item', props: child.props as MenuItemProps }];
  });

interface TriggerProps {
  readonly ref: RefObject<HTMLButtonElement | null>;
  readonly onPress: () => void;
  readonly 'aria-haspopup': 'menu';
  readonly 'aria-expanded': boolean;
}

interface MenuProps {
  /** A Button or IconButton: it opens the menu. */
  readonly trigger: ReactElement;
  readonly label: string;
  readonly children: ReactNode;
}

const MenuList = lazy(() => import('./menu-list.js').then(({ MenuList: component }) => ({ default: component })));

export const Menu = ({ trigger, label, children }: MenuProps) => {
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  const [isWanted, setWanted] = useState(false);
  const props: TriggerProps = {
    ref: button,
    onPress: () => {
      setWanted(true);
      setOpen(!isOpen);
    },
    'aria-haspopup': 'menu',
    'aria-expanded': isOpen,
  };
  return (
    <>
      {cloneElement(trigger as ReactElement<TriggerProps>, props)}
      {isWanted && (
        <Suspense>
          <MenuList button={button} isOpen={isOpen} onOpen={setOpen} label={label} entries={entriesOf(children)} />
        </Suspense>
      )}
    </>
  );
};

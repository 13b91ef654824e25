// What opens over the page; loaded when it is first opened, or when the browser has nothing else to do.
import { Drawer } from './drawer.js';
import { KeyList } from './key-list.js';
import { Palette, type TypedCommands } from './palette.js';

export type Overlay = 'palette' | 'keys' | 'drawer';

interface OverlaysProps {
  readonly open: Overlay | undefined;
  readonly onClose: () => void;
  readonly typedCommands: TypedCommands;
  /** What the drawer holds. */
  readonly navigation: React.ReactNode;
}

export const Overlays = ({ open, onClose, typedCommands, navigation }: OverlaysProps) => (
  <>
    <Drawer isOpen={open === 'drawer'} onClose={onClose}>
      {navigation}
    </Drawer>
    <Palette isOpen={open === 'palette'} onClose={onClose} typedCommands={typedCommands} />
    <KeyList isOpen={open === 'keys'} onClose={onClose} />
  </>
);

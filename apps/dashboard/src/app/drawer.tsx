import '../ui/overlay.css';

import type { ReactNode } from 'react';
import { Dialog } from 'react-aria-components/Dialog';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';

interface DrawerProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** The navigation of small screens, over the page. */
export const Drawer = ({ isOpen, onClose, children }: DrawerProps) => (
  <ModalOverlay
    className="drawer-overlay"
    isDismissable
    isOpen={isOpen}
    onOpenChange={(open) => {
      if (!open) onClose();
    }}
  >
    <Modal className="drawer">
      <Dialog className="dialog" aria-label="Navigation">
        {children}
      </Dialog>
    </Modal>
  </ModalOverlay>
);

import './overlay.css';

import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading } from 'react-aria-components/Dialog';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';

import { Button, IconButton } from './button.js';
import { ErrorNote } from './error-state.js';
import { useWrite } from './use-write.js';

interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** Buttons at the end, the one that acts last. */
  readonly actions?: ReactNode;
  readonly isWide?: boolean;
  /** For what must be answered: announced at once, and not closed by a click beside it. */
  readonly isAlert?: boolean;
}

/** A dialog over the page; Escape closes it, and the focus goes back to where it came from. */
export const Dialog = ({ title, isOpen, onClose, children, actions, isWide = false, isAlert = false }: DialogProps) => (
  <ModalOverlay
    className="modal-overlay"
    isOpen={isOpen}
    isDismissable={!isAlert}
    onOpenChange={(open) => {
      if (!open) onClose();
    }}
  >
    <Modal className={isWide ? 'modal modal-wide' : 'modal'}>
      <AriaDialog className="dialog" role={isAlert ? 'alertdialog' : 'dialog'}>
        <div className="dialog-head">
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          {!isAlert && <IconButton icon="close" label="Close" size="s" onPress={onClose} />}
        </div>
        <div className="dialog-body">{children}</div>
        {actions !== undefined && <div className="dialog-actions">{actions}</div>}
      </AriaDialog>
    </Modal>
  </ModalOverlay>
);

interface ConfirmProps {
  readonly isOpen: boolean;
  /** The question with the count: "Cancel 12 tasks?" */
  readonly title: string;
  /** What happens then, and what cannot be undone. */
  readonly children: ReactNode;
  /** The verb on the button: "Cancel 12 tasks". */
  readonly verb: string;
  readonly isDanger?: boolean;
  /** An error it throws is shown in the dialog, which stays open. */
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
}

/** Asks before what has no undo. */
export const Confirm = ({ isOpen, title, children, verb, isDanger = false, onConfirm, onClose }: ConfirmProps) => {
  const { isPending, error, write, forget } = useWrite();
  const close = (): void => {
    forget();
    onClose();
  };
  const confirm = (): void => {
    write(async () => {
      await onConfirm();
      onClose();
    });
  };
  return (
    <Dialog
      title={title}
      isOpen={isOpen}
      onClose={close}
      isAlert
      actions={
        <>
          <Button onPress={close}>Keep as it is</Button>
          <Button kind={isDanger ? 'danger' : 'primary'} isPending={isPending} autoFocus onPress={confirm}>
            {verb}
          </Button>
        </>
      }
    >
      <div className="muted">{children}</div>
      {error !== undefined && <ErrorNote error={error} />}
    </Dialog>
  );
};

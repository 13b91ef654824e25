import type { ReactNode } from 'react';

import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { ErrorNote } from './error-state.js';
import { useWrite } from './use-write.js';

interface FormDialogProps {
  readonly title: string;
  /** On the button that writes. */
  readonly verb: string;
  /** On the one that does not. */
  readonly cancel?: string;
  readonly isWide?: boolean;
  /** Whether what is written can be sent. */
  readonly isReady?: boolean;
  /** Sends it. What it throws is shown in the dialog, which stays open. */
  readonly onWrite: () => Promise<void>;
  readonly onClose: () => void;
  /** For errors that need more than their own words. */
  readonly errorText?: (error: unknown) => ReactNode;
  readonly children: ReactNode;
}

/** The form may be longer than the dialog. */
const intoView = (element: HTMLElement | null): void => {
  element?.scrollIntoView({ block: 'nearest' });
};

/** A form over the page, sent by its button or by Enter. */
export const FormDialog = (props: FormDialogProps) => {
  const {
    title,
    verb,
    cancel = 'Cancel',
    isWide = false,
    isReady = true,
    onWrite,
    onClose,
    errorText,
    children,
  } = props;
  const { isPending, error, write } = useWrite();
  const send = (): void => {
    if (isReady) write(onWrite);
  };
  return (
    <Dialog
      title={title}
      isOpen
      isWide={isWide}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{cancel}</Button>
          <Button kind="primary" isPending={isPending} isDisabled={!isReady} onPress={send}>
            {verb}
          </Button>
        </>
      }
    >
      <form
        className="stack"
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        {children}
        {error !== undefined && <div ref={intoView}>{errorText?.(error) ?? <ErrorNote error={error} />}</div>}
      </form>
    </Dialog>
  );
};

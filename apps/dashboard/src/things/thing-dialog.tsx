import { type ReactNode, useState } from 'react';

import { api } from '../api/client.js';
import { Button } from '../ui/button.js';
import { Confirm, Dialog } from '../ui/dialog.js';
import { toast } from '../ui/toast.js';

interface ThingDialogProps {
  readonly name: string;
  /** "hook" */
  readonly noun: string;
  /** In the API: what deletes it. */
  readonly path: string;
  readonly mayWrite: boolean;
  readonly isWide?: boolean;
  /** On the button that opens the form: "Change". */
  readonly verb: string;
  /** The form, with what leads back from it. */
  readonly form: (back: () => void) => ReactNode;
  /** What is gone with it. */
  readonly loss: ReactNode;
  /** More that can be done with it. */
  readonly actions?: ReactNode;
  readonly onChanged: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** One thing with a name: what it is, and how it is changed or deleted. */
export const ThingDialog = (props: ThingDialogProps) => {
  const { name, noun, path, mayWrite, isWide = false, verb, form, loss, actions, onChanged, onClose, children } = props;
  const [step, setStep] = useState<'facts' | 'change' | 'delete'>('facts');
  const to = (next: typeof step) => (): void => {
    setStep(next);
  };
  if (step === 'change') return form(to('facts'));
  if (step === 'delete') {
    const remove = async (): Promise<void> => {
      await api.delete(path);
      toast.done(`${name} is deleted`);
      onChanged();
      onClose();
    };
    const text = `Delete 1 ${noun}`;
    return (
      <Confirm isOpen title={`${text}?`} verb={text} isDanger onConfirm={remove} onClose={to('facts')}>
        {loss}
      </Confirm>
    );
  }
  const buttons = (
    <>
      <Button kind="danger" icon="trash" onPress={to('delete')}>
        Delete
      </Button>
      <Button icon="edit" onPress={to('change')}>
        {verb}
      </Button>
      {actions}
    </>
  );
  return (
    <Dialog title={name} isOpen isWide={isWide} onClose={onClose} actions={mayWrite ? buttons : undefined}>
      {children}
    </Dialog>
  );
};

import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { ErrorNote } from '../../ui/error-state.js';
import { TextField } from '../../ui/fields.js';
import type { PauseTarget, Scope } from './agent-queries.js';

/** Characters of a reason, as the API takes it. */
const maxReason = 500;

interface PauseDialogProps {
  readonly target: PauseTarget;
  readonly scope: Scope;
  readonly onPause: (reason: string) => Promise<void>;
  readonly onClose: () => void;
}

/** Asks why, and pauses. */
export const PauseDialog = ({ target: { kind, name }, scope, onPause, onClose }: PauseDialogProps) => {
  const [reason, setReason] = useState('');
  const order = useMutation({ mutationFn: () => onPause(reason.trim()), onSuccess: onClose });
  const pause = (): void => {
    if (!order.isPending && reason.length <= maxReason) order.mutate();
  };
  return (
    <Dialog
      title={kind === 'agents' ? `Pause ${name}?` : `Pause tasks of type ${name}?`}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Keep as it is</Button>
          <Button kind="primary" isPending={order.isPending} onPress={pause}>
            {`Pause ${name}`}
          </Button>
        </>
      }
    >
      <p className="muted">
        {scope === 'installation' ? 'No task of any tenant' : 'No task of yours'} starts there until it is resumed. What
        runs goes on, what is submitted waits.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          pause();
        }}
      >
        <TextField
          label="Why"
          value={reason}
          onChange={setReason}
          autoFocus
          hint="Whoever asks why a task waits reads it."
          error={reason.length > maxReason ? `At most ${maxReason} characters` : undefined}
        />
      </form>
      {order.error !== null && <ErrorNote error={order.error} />}
    </Dialog>
  );
};

// What is asked before a schedule is paused, or fires for the past.
import type { Backfilled, OverlapPolicy } from '@pulser/contracts';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { api } from '../../api/client.js';
import { Button } from '../../ui/button.js';
import type { Option } from '../../ui/choice.js';
import { Dialog } from '../../ui/dialog.js';
import { ErrorNote } from '../../ui/error-state.js';
import { Select, TextField } from '../../ui/fields.js';
import { counted } from '../../ui/numbers.policy.js';
import { toast } from '../../ui/toast.js';

interface OrderProps {
  readonly name: string;
  readonly path: string;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

export const PauseScheduleDialog = ({ name, path, onDone, onClose }: OrderProps) => {
  const [note, setNote] = useState('');
  const text = note.trim();
  const order = useMutation({
    mutationFn: () => api.post(`${path}/pause`, text === '' ? {} : { note: text }),
    onSuccess: () => {
      toast.done(`${name} is paused`);
      onDone();
      onClose();
    },
  });
  return (
    <Dialog
      title={`Pause ${name}?`}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Keep as it is</Button>
          <Button
            kind="primary"
            isPending={order.isPending}
            onPress={() => {
              order.mutate();
            }}
          >{`Pause ${name}`}</Button>
        </>
      }
    >
      <p className="muted">It does not fire until it is resumed. What runs goes on.</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          order.mutate();
        }}
      >
        <TextField label="Note" value={note} onChange={setNote} autoFocus hint="Whoever asks why it rests reads it." />
      </form>
      {order.error !== null && <ErrorNote error={order.error} />}
    </Dialog>
  );
};

const overlaps: readonly Option<OverlapPolicy>[] = [
  { id: 'buffer_all', text: 'One after the other' },
  { id: 'allow_all', text: 'All at once' },
  { id: 'skip', text: 'Skip those that overlap' },
];

const dayMs = 86_400_000;

export const BackfillDialog = ({ name, path, onDone, onClose }: OrderProps) => {
  const [opened] = useState(Date.now);
  const [from, setFrom] = useState(() => new Date(opened - dayMs).toISOString().slice(0, 19) + 'Z');
  const [to, setTo] = useState(() => new Date(opened).toISOString().slice(0, 19) + 'Z');
  const [overlap, setOverlap] = useState<OverlapPolicy>('buffer_all');
  const order = useMutation({
    mutationFn: () => api.post<Backfilled>(`${path}/backfill`, { from: from.trim(), to: to.trim(), overlap }),
    onSuccess: ({ times, added }) => {
      toast.done(`${counted(added, 'fire')} for ${counted(times, 'time')}`);
      onDone();
      onClose();
    },
  });
  return (
    <Dialog
      title={`Backfill ${name}`}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Keep as it is</Button>
          <Button
            kind="primary"
            isPending={order.isPending}
            onPress={() => {
              order.mutate();
            }}
          >
            Backfill
          </Button>
        </>
      }
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          order.mutate();
        }}
      >
        <p className="muted">It fires for its times of the range that have no fire yet.</p>
        <TextField label="From" value={from} onChange={setFrom} isCode />
        <TextField label="To, exclusive" value={to} onChange={setTo} isCode />
        <Select label="Its tasks run" options={overlaps} value={overlap} onChange={setOverlap} />
      </form>
      {order.error !== null && <ErrorNote error={order.error} />}
    </Dialog>
  );
};

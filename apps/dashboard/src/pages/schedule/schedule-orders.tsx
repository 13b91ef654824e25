// What is asked before a schedule is paused, or fires for the past.
import type { Backfilled, OverlapPolicy } from '@pulser/contracts';
import { useState } from 'react';

import { api } from '../../api/client.js';
import type { Option } from '../../ui/choice.js';
import { Select, TextField } from '../../ui/fields.js';
import { FormDialog } from '../../ui/form-dialog.js';
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
  const pause = async (): Promise<void> => {
    await api.post(`${path}/pause`, text === '' ? {} : { note: text });
    toast.done(`${name} is paused`);
    onDone();
    onClose();
  };
  return (
    <FormDialog
      title={`Pause ${name}?`}
      verb={`Pause ${name}`}
      cancel="Keep as it is"
      onWrite={pause}
      onClose={onClose}
    >
      <p className="muted">It does not fire until it is resumed. What runs goes on.</p>
      <TextField label="Note" value={note} onChange={setNote} autoFocus hint="Whoever asks why it rests reads it." />
    </FormDialog>
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
  const backfill = async (): Promise<void> => {
    const order = { from: from.trim(), to: to.trim(), overlap };
    const { times, added } = await api.post<Backfilled>(`${path}/backfill`, order);
    toast.done(`${counted(added, 'fire')} for ${counted(times, 'time')}`);
    onDone();
    onClose();
  };
  return (
    <FormDialog title={`Backfill ${name}`} verb="Backfill" cancel="Keep as it is" onWrite={backfill} onClose={onClose}>
      <p className="muted">It fires for its times of the range that have no fire yet.</p>
      <TextField label="From" value={from} onChange={setFrom} isCode />
      <TextField label="To, exclusive" value={to} onChange={setTo} isCode />
      <Select label="Its tasks run" options={overlaps} value={overlap} onChange={setOverlap} />
    </FormDialog>
  );
};

import type { CreateMemory, MemoryTrust, MemoryView } from '@pulser/contracts';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { api } from '../../api/client.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { ErrorNote } from '../../ui/error-state.js';
import { Select, TextField } from '../../ui/fields.js';
import { count } from '../../ui/numbers.policy.js';
import { toast } from '../../ui/toast.js';
import { metadataOf } from './memory-draft.policy.js';
import { memoriesPath } from './memory-queries.js';
import { type MemorySearch, trusts } from './memory-search.policy.js';
import { trustHints, trustTexts } from './trust-badge.js';

interface AddMemoryProps {
  /** Of the list: a memory that is added while they hold probably belongs to them. */
  readonly filters: MemorySearch;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

const maxCharacters = 32_000;

const lives = [
  { id: 'never', text: 'Never', days: undefined },
  { id: 'day', text: 'In a day', days: 1 },
  { id: 'month', text: 'In 30 days', days: 30 },
  { id: 'year', text: 'In a year', days: 365 },
] as const;
type Life = (typeof lives)[number]['id'];

const expiryOf = (life: Life): string | undefined => {
  const days = lives.find(({ id }) => id === life)?.days;
  return days === undefined ? undefined : new Date(Date.now() + days * 86_400_000).toISOString();
};

/** Keeps what agents must know. */
export const AddMemory = ({ filters, onClose, onDone }: AddMemoryProps) => {
  const [content, setContent] = useState('');
  const [type, setType] = useState(filters.type ?? 'note');
  const [subject, setSubject] = useState(filters.subject ?? '');
  const [agent, setAgent] = useState(filters.agent ?? '');
  const [trust, setTrust] = useState<MemoryTrust>('stated');
  const [life, setLife] = useState<Life>('never');
  const [metadata, setMetadata] = useState('');
  const parsed = metadataOf(metadata);
  const save = useMutation({
    mutationFn: (order: CreateMemory) => api.post<MemoryView>(memoriesPath, order),
    onSuccess: () => {
      toast.done('It is remembered');
      onDone();
      onClose();
    },
  });
  const isReady = content.trim() !== '' && type !== '' && parsed.ok;
  const add = (): void => {
    if (!isReady || save.isPending) return;
    const expires_at = expiryOf(life);
    save.mutate({
      type,
      content,
      trust,
      ...(subject !== '' && { subject }),
      ...(agent !== '' && { agent }),
      ...(parsed.value !== undefined && { metadata: parsed.value }),
      ...(expires_at !== undefined && { expires_at }),
    });
  };
  return (
    <Dialog
      title="Add a memory"
      isOpen
      isWide
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isPending={save.isPending} isDisabled={!isReady} onPress={add}>
            Remember it
          </Button>
        </>
      }
    >
      <TextField
        label="What is to be remembered"
        rows={5}
        value={content}
        onChange={setContent}
        maxLength={maxCharacters}
        hint={`In whole sentences: it is found by its meaning. ${count(content.length)} of ${count(maxCharacters)} characters.`}
        autoFocus
      />
      <div className="memory-fields">
        <TextField label="Type" value={type} onChange={setType} maxLength={64} hint="Such as rule or preference." />
        <TextField
          label="Subject"
          value={subject}
          onChange={setSubject}
          maxLength={200}
          hint="Whom or what it is about: it can be forgotten by it."
        />
        <TextField
          label="Agent"
          value={agent}
          onChange={setAgent}
          maxLength={40}
          hint="That alone finds it. Empty: all agents do."
        />
        <Select
          label="Trust"
          value={trust}
          onChange={setTrust}
          options={trusts.map((id) => ({ id, text: trustTexts[id], hint: trustHints[id] }))}
        />
        <Select
          label="Forgotten by itself"
          value={life}
          onChange={setLife}
          options={lives.map(({ id, text }) => ({ id, text }))}
        />
      </div>
      <TextField
        label="Metadata"
        isCode
        rows={3}
        value={metadata}
        onChange={setMetadata}
        placeholder='{ "source": "handbook" }'
        hint="A JSON object that is kept with it. It may be empty."
        error={parsed.ok ? undefined : parsed.message}
      />
      {save.error !== null && <ErrorNote error={save.error} />}
    </Dialog>
  );
};

import type { AcceptedTask, DeadLetterView, Priority } from '@pulser/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';

import { api } from '../../api/client.js';
import { priorities } from '../../api/task-states.js';
import { useKeys } from '../../app/keyboard.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { ErrorNote, Note } from '../../ui/error-state.js';
import { Select, TextField } from '../../ui/fields.js';
import { JsonView } from '../../ui/json-view.js';
import { Panel } from '../../ui/page.js';
import { Skeleton } from '../../ui/skeleton.js';
import { toast } from '../../ui/toast.js';
import { editOf, jsonText, payloadOf } from './replay-edit.policy.js';
import { useReopen } from './use-reopen.js';

const JsonEditor = lazy(() => import('../../ui/json-editor.js'));

interface ReplayProps {
  readonly letter: DeadLetterView;
  readonly mayAct: boolean;
}

/** The payload, to be changed and replayed: what was changed is shown line by line. */
export const Replay = ({ letter, mayAct }: ReplayProps) => {
  const { dead_letter_id: id } = letter;
  const original = jsonText(letter.payload);
  const client = useQueryClient();
  const navigate = useNavigate();
  const [text, setText] = useState(original);
  const [priority, setPriority] = useState<Priority>();
  const [discards, setDiscards] = useState(false);
  const parsed = payloadOf(text);
  const isChanged = text !== original;
  const replay = useMutation({
    mutationFn: (payload: Readonly<Record<string, unknown>>) => {
      const edit = editOf({ before: letter.payload, payload, priority });
      return api.post<AcceptedTask>(`/api/v1/dead-letters/${id}/replay`, edit);
    },
    onSuccess: async ({ task_id }) => {
      toast.done(isChanged ? 'Replayed with the changes' : 'Replayed as it was');
      await client.invalidateQueries({ queryKey: ['dead-letter', id] });
      await navigate({ to: '/tasks/$taskId', params: { taskId: task_id } });
    },
  });
  const run = (): void => {
    if (mayAct && parsed.ok && !replay.isPending) replay.mutate(parsed.payload);
  };
  useKeys('Dead letter', [
    ...(mayAct ? [{ keys: 'mod+enter', label: 'Replay with what is written', run, inFields: true }] : []),
    ...(mayAct
      ? [
          {
            keys: 'shift+d',
            label: 'Discard',
            run: () => {
              setDiscards(true);
            },
          },
        ]
      : []),
  ]);
  if (!mayAct) {
    return (
      <Panel title="Payload">
        <JsonView value={letter.payload} label="Payload" />
      </Panel>
    );
  }
  return (
    <Panel
      title="Payload"
      aside={
        isChanged ? (
          <Button
            size="s"
            kind="quiet"
            icon="back"
            onPress={() => {
              setText(original);
            }}
          >
            As it was
          </Button>
        ) : undefined
      }
    >
      <div className="replay">
        <Suspense fallback={<Skeleton width="100%" />}>
          <JsonEditor label="Payload" value={text} onChange={setText} original={original} />
        </Suspense>
        {!parsed.ok && (
          <Note kind="warn" icon="alert">
            {parsed.why}
          </Note>
        )}
        {replay.error !== null && <ErrorNote error={replay.error} />}
        <div className="replay-actions">
          <Select<Priority | 'same'>
            label="Priority"
            isLabelHidden
            value={priority ?? 'same'}
            onChange={(next) => {
              setPriority(next === 'same' ? undefined : next);
            }}
            options={[
              { id: 'same', text: 'Same priority' },
              ...priorities.map((one) => ({ id: one, text: `Priority ${one}` })),
            ]}
          />
          <Button
            icon="trash"
            onPress={() => {
              setDiscards(true);
            }}
          >
            Discard
          </Button>
          <Button kind="primary" icon="replay" isPending={replay.isPending} isDisabled={!parsed.ok} onPress={run}>
            {isChanged ? 'Replay with changes' : 'Replay'}
          </Button>
        </div>
      </div>
      {discards && (
        <Discard
          id={id}
          onClose={() => {
            setDiscards(false);
          }}
        />
      )}
    </Panel>
  );
};

const Discard = ({ id, onClose }: { readonly id: string; readonly onClose: () => void }) => {
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const { reopen } = useReopen();
  const discard = useMutation({
    mutationFn: () => api.post(`/api/v1/dead-letters/${id}/discard`, { reason }),
    onSuccess: async () => {
      toast.done('The dead letter is discarded', () => {
        void reopen(id);
      });
      await client.invalidateQueries({ queryKey: ['dead-letter', id] });
      onClose();
    },
  });
  return (
    <Dialog
      title="Discard 1 dead letter?"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Keep as it is</Button>
          <Button
            kind="danger"
            isPending={discard.isPending}
            isDisabled={reason.trim() === ''}
            onPress={() => {
              discard.mutate();
            }}
          >
            Discard 1 dead letter
          </Button>
        </>
      }
    >
      <TextField label="Why" value={reason} onChange={setReason} autoFocus hint="Kept with it." />
      {discard.error !== null && <ErrorNote error={discard.error} />}
    </Dialog>
  );
};

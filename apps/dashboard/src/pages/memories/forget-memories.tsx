import type { Forgotten, MemoryView } from '@pulser/contracts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';

import { api } from '../../api/client.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { ErrorNote, ErrorState } from '../../ui/error-state.js';
import { TextField } from '../../ui/fields.js';
import { count, counted } from '../../ui/numbers.policy.js';
import { Progress } from '../../ui/progress.js';
import { toast } from '../../ui/toast.js';
import { forgetFilterOf } from './memory-draft.policy.js';
import { type Counted, countQuery, type ForgetFilter, forgetOne, memoriesPath } from './memory-queries.js';
import type { MemorySearch } from './memory-search.policy.js';

const memories = (value: number): string => counted(value, 'memory', 'memories');

interface ForgetProps {
  readonly onClose: () => void;
  /** Called also when only some are gone. */
  readonly onDone: () => void;
}

interface ForgetChosenProps extends ForgetProps {
  readonly memories: readonly MemoryView[];
}

/** Forgets the chosen ones, one after the other. */
export const ForgetChosen = ({ memories: chosen, onClose, onDone }: ForgetChosenProps) => {
  const [asked] = useState(chosen);
  const [done, setDone] = useState(0);
  const isStopped = useRef(false);
  const forget = useMutation({
    mutationFn: async () => {
      let gone = 0;
      for (const { memory_id } of asked) {
        if (isStopped.current) break;
        await forgetOne(memory_id);
        gone += 1;
        setDone(gone);
      }
      return gone;
    },
    onSuccess: (gone) => {
      toast.done(`${memories(gone)} forgotten`);
      onClose();
    },
    onSettled: onDone,
  });
  const verb = `Forget ${memories(asked.length)}`;
  return (
    <Dialog
      title={`${verb}?`}
      isOpen
      isAlert
      onClose={onClose}
      actions={
        <>
          <Button
            onPress={() => {
              isStopped.current = true;
              if (!forget.isPending) onClose();
            }}
          >
            {forget.isPending ? 'Stop' : 'Keep as it is'}
          </Button>
          <Button
            kind="danger"
            isPending={forget.isPending}
            onPress={() => {
              isStopped.current = false;
              forget.mutate();
            }}
          >
            {verb}
          </Button>
        </>
      }
    >
      <p className="muted">
        They are gone with their vectors, and no agent finds them any more. This cannot be undone.
      </p>
      {done > 0 && (
        <Progress label="Forgetting" done={done} total={asked.length}>
          {count(done)} of {count(asked.length)} forgotten
        </Progress>
      )}
      {forget.error !== null && <ErrorNote error={forget.error} />}
    </Dialog>
  );
};

interface ForgetManyProps extends ForgetProps {
  /** Of the list: what is shown is probably what is meant. */
  readonly filters: MemorySearch;
}

/** Forgets all of a subject, a type, an agent or an age: how many they are is said before. */
export const ForgetMany = ({ filters, onClose, onDone }: ForgetManyProps) => {
  const [draft, setDraft] = useState({
    subject: filters.subject ?? '',
    type: filters.type ?? '',
    agent: filters.agent ?? '',
    before: '',
  });
  const [asked, setAsked] = useState<ForgetFilter>();
  const filter = forgetFilterOf(draft);
  // A count is of the filter that it was made for, and of no other.
  const isCounted = asked !== undefined && JSON.stringify(asked) === JSON.stringify(filter);
  const found = useQuery({ ...countQuery(asked ?? {}), enabled: asked !== undefined });
  const known = isCounted && !found.isFetching ? found.data : undefined;
  const change = (part: Partial<typeof draft>): void => {
    setDraft({ ...draft, ...part });
  };
  const forget = useMutation({
    mutationFn: (which: ForgetFilter) => api.delete<Forgotten>(memoriesPath, { query: { ...which } }),
    onSuccess: ({ forgotten }) => {
      toast.done(`${memories(forgotten)} forgotten`);
      onClose();
    },
    onSettled: onDone,
  });
  return (
    <Dialog
      title="Forget memories"
      isOpen
      isWide
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Keep as it is</Button>
          {known === undefined ? (
            <Button
              kind="primary"
              icon="search"
              isDisabled={filter === undefined}
              isPending={isCounted && found.isFetching}
              onPress={() => {
                setAsked(filter);
                if (isCounted) void found.refetch();
              }}
            >
              Count them
            </Button>
          ) : (
            <Button
              kind="danger"
              isDisabled={known.count === 0}
              isPending={forget.isPending}
              onPress={() => {
                if (asked !== undefined) forget.mutate(asked);
              }}
            >
              {`Forget ${numberOf(known)}`}
            </Button>
          )}
        </>
      }
    >
      <p className="muted">Those to which all of this applies. What is left empty narrows nothing.</p>
      <div className="memory-fields">
        <TextField
          label="Subject"
          value={draft.subject}
          onChange={(subject) => {
            change({ subject });
          }}
          maxLength={200}
          hint="All of it, as it was noted."
        />
        <TextField
          label="Type"
          value={draft.type}
          onChange={(type) => {
            change({ type });
          }}
          maxLength={64}
        />
        <TextField
          label="Agent"
          value={draft.agent}
          onChange={(agent) => {
            change({ agent });
          }}
          maxLength={40}
          hint="Its own ones, without those of all agents."
        />
        <TextField
          label="Noted before"
          type="datetime-local"
          value={draft.before}
          onChange={(before) => {
            change({ before });
          }}
          hint="In the time of this machine."
        />
      </div>
      {isCounted && found.error !== null && <ErrorState error={found.error} onRetry={() => void found.refetch()} />}
      {known !== undefined && (
        <p role="status">
          {known.count === 0
            ? 'No memory is like this.'
            : `${numberOf(known)} are like this. What is forgotten cannot be brought back.`}
        </p>
      )}
      {forget.error !== null && <ErrorNote error={forget.error} />}
    </Dialog>
  );
};

const numberOf = ({ count: known, isMore }: Counted): string =>
  isMore ? `more than ${memories(known)}` : memories(known);

import type { TaskSummary } from '@pulser/contracts';
import { useRef, useState } from 'react';

import { useCommands } from '../../app/commands.js';
import { useKeys } from '../../app/keyboard.js';
import { useMay } from '../../session/session.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { ErrorNote } from '../../ui/error-state.js';
import { count, counted } from '../../ui/numbers.policy.js';
import { Progress } from '../../ui/progress.js';
import { toast } from '../../ui/toast.js';
import {
  actOnAll,
  actsOn,
  type BulkAction,
  type BulkProgress,
  idsThatMatch,
  maxBulk,
  nothingDone,
} from './bulk-work.js';
import { queryOf, type TaskSearch } from './task-search.policy.js';

const verbs = {
  cancel: { verb: 'Cancel', done: 'cancelled', skipped: 'had ended', going: 'Cancelling' },
  replay: { verb: 'Replay', done: 'replayed', skipped: 'were replayed before', going: 'Replaying' },
} as const satisfies Record<BulkAction, object>;

interface BulkBarProps {
  readonly rows: readonly TaskSummary[];
  readonly selected: ReadonlySet<string>;
  readonly search: TaskSearch;
  /** Whether more tasks match than are loaded. */
  readonly hasMore: boolean;
  readonly onSelect: (ids: ReadonlySet<string>) => void;
  readonly onDone: () => void;
}

interface Order {
  readonly action: BulkAction;
  /** Undefined: all that match, which are read first. */
  readonly ids: readonly string[] | undefined;
}

/** What can be done to the chosen rows, and to all that match when every loaded row is chosen. */
export const BulkBar = ({ rows, selected, search, hasMore, onSelect, onDone }: BulkBarProps) => {
  const mayAct = useMay('operator');
  const [order, setOrder] = useState<Order>();
  const chosen = rows.filter(({ task_id }) => selected.has(task_id));
  const idsFor = (action: BulkAction): string[] =>
    chosen.filter(({ status }) => actsOn[action].includes(status)).map(({ task_id }) => task_id);
  const toCancel = idsFor('cancel');
  const toReplay = idsFor('replay');
  const ask = (action: BulkAction, ids: readonly string[]): void => {
    if (mayAct && ids.length > 0) setOrder({ action, ids });
  };
  useKeys('Chosen tasks', [
    {
      keys: 'shift+c',
      label: 'Cancel the chosen tasks',
      run: () => {
        ask('cancel', toCancel);
      },
    },
    {
      keys: 'shift+r',
      label: 'Replay the chosen tasks',
      run: () => {
        ask('replay', toReplay);
      },
    },
  ]);
  useCommands('Tasks', [
    {
      id: 'cancel-all',
      title: 'Cancel all tasks that match',
      icon: 'slash',
      run: () => {
        if (mayAct) setOrder({ action: 'cancel', ids: undefined });
      },
    },
    {
      id: 'replay-all',
      title: 'Replay all failed tasks that match',
      icon: 'replay',
      run: () => {
        if (mayAct) setOrder({ action: 'replay', ids: undefined });
      },
    },
  ]);
  const isWhole = hasMore && rows.length > 0 && chosen.length === rows.length;
  return (
    <>
      {selected.size > 0 && (
        <div className="bulk-bar" role="toolbar" aria-label="Chosen tasks">
          <strong className="num">{counted(chosen.length, 'task')}</strong>
          {mayAct && toCancel.length > 0 && (
            <Button
              size="s"
              icon="slash"
              onPress={() => {
                ask('cancel', toCancel);
              }}
            >
              {`Cancel ${count(toCancel.length)}`}
            </Button>
          )}
          {mayAct && toReplay.length > 0 && (
            <Button
              size="s"
              icon="replay"
              onPress={() => {
                ask('replay', toReplay);
              }}
            >
              {`Replay ${count(toReplay.length)}`}
            </Button>
          )}
          {mayAct && isWhole && toCancel.length > 0 && (
            <Button
              size="s"
              kind="quiet"
              onPress={() => {
                setOrder({ action: 'cancel', ids: undefined });
              }}
            >
              Cancel all that match
            </Button>
          )}
          {mayAct && isWhole && toReplay.length > 0 && (
            <Button
              size="s"
              kind="quiet"
              onPress={() => {
                setOrder({ action: 'replay', ids: undefined });
              }}
            >
              Replay all that match
            </Button>
          )}
          <Button
            size="s"
            kind="quiet"
            onPress={() => {
              onSelect(new Set());
            }}
          >
            Choose none
          </Button>
        </div>
      )}
      {order !== undefined && (
        <BulkDialog
          order={order}
          search={search}
          onClose={(isDone) => {
            setOrder(undefined);
            if (!isDone) return;
            onSelect(new Set());
            onDone();
          }}
        />
      )}
    </>
  );
};

type Step =
  | { readonly at: 'asks' }
  | { readonly at: 'reads'; readonly found: number }
  | { readonly at: 'works'; readonly progress: BulkProgress }
  | { readonly at: 'ends'; readonly progress: BulkProgress; readonly isStopped: boolean };

interface BulkDialogProps {
  readonly order: Order;
  readonly search: TaskSearch;
  readonly onClose: (isDone: boolean) => void;
}

const BulkDialog = ({ order, search, onClose }: BulkDialogProps) => {
  const { action } = order;
  const words = verbs[action];
  const stopping = useRef(new AbortController());
  const [ids, setIds] = useState(order.ids);
  const [step, setStep] = useState<Step>({ at: 'asks' });
  const [error, setError] = useState<unknown>();

  const read = async (): Promise<void> => {
    setStep({ at: 'reads', found: 0 });
    const { signal } = stopping.current;
    try {
      const onCount = (found: number): void => {
        setStep({ at: 'reads', found });
      };
      setIds(await idsThatMatch(action, queryOf(search), { onCount, signal }));
    } catch (thrown) {
      if (signal.aborted) return;
      setError(thrown);
    }
    setStep({ at: 'asks' });
  };

  const work = async (all: readonly string[]): Promise<void> => {
    const { signal } = stopping.current;
    setStep({ at: 'works', progress: nothingDone });
    const progress = await actOnAll(action, all, {
      signal,
      onProgress: (now) => {
        setStep({ at: 'works', progress: now });
      },
    });
    if (progress.failed === 0 && !signal.aborted) {
      toast.done(sentenceOf(action, progress));
      onClose(true);
      return;
    }
    setStep({ at: 'ends', progress, isStopped: signal.aborted });
  };

  const isBusy = step.at === 'works' || step.at === 'reads';
  return (
    <Dialog
      title={
        ids === undefined ? `${words.verb} all tasks that match?` : `${words.verb} ${counted(ids.length, 'task')}?`
      }
      isOpen
      isAlert
      onClose={() => {
        stopping.current.abort();
        onClose(step.at === 'ends');
      }}
      actions={
        <>
          <Button
            onPress={() => {
              stopping.current.abort();
              if (step.at !== 'works') onClose(step.at === 'ends');
            }}
          >
            {step.at === 'ends' ? 'Close' : isBusy ? 'Stop' : 'Keep as it is'}
          </Button>
          {step.at === 'asks' && ids === undefined && (
            <Button kind="primary" autoFocus onPress={() => void read()}>
              Count them
            </Button>
          )}
          {step.at === 'asks' && ids !== undefined && ids.length > 0 && (
            <Button kind={action === 'cancel' ? 'danger' : 'primary'} autoFocus onPress={() => void work(ids)}>
              {`${words.verb} ${counted(ids.length, 'task')}`}
            </Button>
          )}
        </>
      }
    >
      {error !== undefined && <ErrorNote error={error} />}
      {step.at === 'asks' && <Question action={action} ids={ids} />}
      {step.at === 'reads' && <p aria-live="polite">{`${counted(step.found, 'task')} so far`}</p>}
      {(step.at === 'works' || step.at === 'ends') && ids !== undefined && (
        <Progress
          label={words.going}
          done={step.progress.done + step.progress.skipped + step.progress.failed}
          total={ids.length}
        >
          {sentenceOf(action, step.progress)} of {count(ids.length)}
        </Progress>
      )}
      {step.at === 'ends' && step.isStopped && <p>Stopped. The rest is as it was.</p>}
      {step.at === 'ends' && step.progress.firstError !== undefined && <ErrorNote error={step.progress.firstError} />}
    </Dialog>
  );
};

const Question = ({ action, ids }: { readonly action: BulkAction; readonly ids: readonly string[] | undefined }) => {
  if (ids === undefined) return <p className="muted">First they are counted, at most {count(maxBulk)} at once.</p>;
  if (ids.length === 0) return <p className="muted">No task that matches is in a state for this.</p>;
  return action === 'cancel' ? (
    <p className="muted">They end, and with them the tasks that they started. This cannot be undone.</p>
  ) : (
    <p className="muted">Each is submitted once more as a new task, with what it was submitted with.</p>
  );
};

const sentenceOf = (action: BulkAction, { done, skipped, failed }: BulkProgress): string => {
  const words = verbs[action];
  const parts = [`${counted(done, 'task')} ${words.done}`];
  if (skipped > 0) parts.push(`${count(skipped)} ${words.skipped}`);
  if (failed > 0) parts.push(`${count(failed)} failed`);
  return parts.join(', ');
};

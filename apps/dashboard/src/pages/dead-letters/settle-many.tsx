import type { DeadLetterFilter, Discarded, Replayed } from '@pulser/contracts';
import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';

import { api } from '../../api/client.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { ErrorNote } from '../../ui/error-state.js';
import { TextField } from '../../ui/fields.js';
import { count, counted } from '../../ui/numbers.policy.js';
import { Progress } from '../../ui/progress.js';
import { toast } from '../../ui/toast.js';

export interface Settling {
  readonly action: 'replay' | 'discard';
  readonly filter: DeadLetterFilter;
  /** How many there are, where that is known. */
  readonly count: number | undefined;
}

interface SettleManyProps {
  readonly settling: Settling;
  readonly onClose: () => void;
}

/** Dead letters that one request settles: small enough that progress is seen and a stop is soon obeyed. */
const perRequest = 200;

interface Sums {
  readonly done: number;
  readonly remaining: number | undefined;
  readonly skipped: number;
}

const nothing: Sums = { done: 0, remaining: undefined, skipped: 0 };

/** Replays or discards all dead letters of a filter, piece by piece; with a rate, replays start one after the other. */
export const SettleMany = ({ settling, onClose }: SettleManyProps) => {
  const { action, filter } = settling;
  const [rate, setRate] = useState('');
  const [reason, setReason] = useState('');
  const [progress, setProgress] = useState(nothing);
  const stopped = useRef(false);
  const ratePerS = rate === '' ? undefined : Number(rate);
  const isRateWrong = ratePerS !== undefined && !(ratePerS >= 0.01 && ratePerS <= 10_000);

  const piece = async (): Promise<{ done: number; remaining: number; skipped: number }> => {
    const body = { filter, limit: perRequest };
    if (action === 'discard') {
      const { discarded, remaining } = await api.post<Discarded>('/api/v1/dead-letters/discard', { ...body, reason });
      return { done: discarded, remaining, skipped: 0 };
    }
    const { replayed, remaining, skipped } = await api.post<Replayed>('/api/v1/dead-letters/replay', {
      ...body,
      ...(ratePerS !== undefined && { rate_per_s: ratePerS }),
    });
    return { done: replayed, remaining, skipped };
  };

  const settle = useMutation({
    mutationFn: async () => {
      let sum = nothing;
      let isMore = true;
      while (isMore && !stopped.current) {
        const { done, remaining, skipped } = await piece();
        sum = { done: sum.done + done, remaining, skipped };
        setProgress(sum);
        isMore = done > 0 && remaining > 0;
      }
      return sum;
    },
    onSuccess: ({ done, remaining, skipped }) => {
      if (stopped.current || skipped > 0) return;
      const what = counted(done, 'dead letter');
      toast.done(`${what} ${action === 'replay' ? 'replayed' : 'discarded'}`);
      if (remaining === 0) onClose();
    },
  });

  const verb = action === 'replay' ? 'Replay' : 'Discard';
  const what =
    settling.count === undefined ? 'all dead letters that are shown' : counted(settling.count, 'dead letter');
  const hasEnded = settle.isSuccess;
  return (
    <Dialog
      title={`${verb} ${what}?`}
      isOpen
      isAlert
      onClose={onClose}
      actions={
        <>
          <Button
            onPress={() => {
              stopped.current = true;
              if (!settle.isPending) onClose();
            }}
          >
            {settle.isPending ? 'Stop' : hasEnded ? 'Close' : 'Keep as it is'}
          </Button>
          {!hasEnded && (
            <Button
              kind={action === 'discard' ? 'danger' : 'primary'}
              isPending={settle.isPending}
              isDisabled={isRateWrong || (action === 'discard' && reason.trim() === '')}
              onPress={() => {
                stopped.current = false;
                settle.mutate();
              }}
            >
              {`${verb} ${what}`}
            </Button>
          )}
        </>
      }
    >
      {action === 'replay' ? (
        <>
          <p className="muted">
            Each becomes a new task with the payload that it had. What is replayed is not replayed again.
          </p>
          <TextField
            label="Tasks a second"
            inputMode="decimal"
            value={rate}
            onChange={setRate}
            hint="They start one after the other at this rate, within each piece of 200. Empty: as fast as the agents are."
            error={isRateWrong ? 'A number from 0.01 to 10,000' : undefined}
          />
        </>
      ) : (
        <>
          <p className="muted">They stay readable, and are not counted as open any more.</p>
          <TextField label="Why" value={reason} onChange={setReason} hint="Kept with each of them." />
        </>
      )}
      {progress.done > 0 && (
        <Progress label={verb} done={progress.done} total={progress.done + (progress.remaining ?? 0)}>
          {count(progress.done)} done, {count(progress.remaining ?? 0)} left
        </Progress>
      )}
      {progress.skipped > 0 && (
        <p>
          {counted(progress.skipped, 'dead letter')} must be replayed one by one: messages, or types that no agent
          serves.
        </p>
      )}
      {settle.error !== null && <ErrorNote error={settle.error} />}
    </Dialog>
  );
};

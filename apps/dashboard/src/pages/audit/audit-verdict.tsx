// Whether the trail is whole: computed by the server when somebody asks, as it reads every entry.
import type { AuditVerdict } from '@pulser/contracts';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { useKeys } from '../../app/keyboard.js';
import { Button } from '../../ui/button.js';
import { ErrorNote, Note } from '../../ui/error-state.js';
import { counted } from '../../ui/numbers.policy.js';
import { exactTime } from '../../ui/relative-time.js';
import { verify } from './audit-queries.js';
import { verdictText } from './audit-verdict.policy.js';

interface Checked {
  readonly verdict: AuditVerdict;
  readonly at: string;
}

/** The check of a trail: its button, and what it has found. */
export const useVerdict = (
  trail: string,
  onOpen: (seq: number) => void,
): { readonly button: ReactNode; readonly found: ReactNode } => {
  const check = useMutation({
    mutationFn: async (): Promise<Checked> => ({ verdict: await verify(trail), at: new Date().toISOString() }),
  });
  const run = (): void => {
    if (!check.isPending) check.mutate();
  };
  useKeys('Audit', [{ keys: 'v', label: 'Check that the trail is whole', run }]);
  return {
    button: (
      <Button icon="approvals" isPending={check.isPending} onPress={run}>
        Check the trail
      </Button>
    ),
    found:
      check.data !== undefined ? (
        <div role="status">
          <Verdict {...check.data} onOpen={onOpen} />
        </div>
      ) : (
        check.error !== null && <ErrorNote error={check.error} />
      ),
  };
};

interface VerdictProps extends Checked {
  readonly onOpen: (seq: number) => void;
}

const Verdict = ({ verdict, at, onOpen }: VerdictProps) => {
  const { entries, first_broken: broken } = verdict;
  return (
    <Note kind={verdict.intact ? 'ok' : 'bad'} icon={verdict.intact ? 'success' : 'alert'}>
      <p>
        <strong>{verdictText(verdict)}</strong>
      </p>
      <p>
        Checked {exactTime(at)}, over {counted(entries, 'entry', 'entries')}: whether numbers follow each other from 1
        without a gap, whether every hash fits its entry and the hash before it, and whether the newest hash is the one
        that is kept apart from the trail.
      </p>
      {broken !== null && (
        <p>
          Keep an export as it is now, and compare it with an older one.{' '}
          <Button
            size="s"
            onPress={() => {
              onOpen(broken);
            }}
          >
            {`Look at entry ${String(broken)}`}
          </Button>
        </p>
      )}
      {broken === null && (
        <p className="muted">
          Who owns the database could still write the whole chain anew: an export kept elsewhere would show that.
        </p>
      )}
    </Note>
  );
};

// One entry of the trail: who, what, and the hashes that chain it to the one before.
import type { AuditEntryView } from '@pulser/contracts';
import { useQuery } from '@tanstack/react-query';

import { PlaceLink } from '../../app/place-link.js';
import { Button } from '../../ui/button.js';
import { CopyButton } from '../../ui/code-block.js';
import { Dialog } from '../../ui/dialog.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState, Note } from '../../ui/error-state.js';
import { count } from '../../ui/numbers.policy.js';
import { Facts } from '../../ui/page.js';
import { exactTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { Badge } from '../../ui/status-badge.js';
import { entryQuery } from './audit-queries.js';

export const OutcomeBadge = ({ outcome }: Pick<AuditEntryView, 'outcome'>) =>
  outcome === 'done' ? (
    <Badge tone="ok" icon="check">
      Done
    </Badge>
  ) : (
    <Badge tone="warn" icon="slash">
      Refused
    </Badge>
  );

interface EntryDialogProps {
  readonly trail: string;
  readonly seq: number;
  readonly onGo: (seq: number) => void;
  /** Lists the entries of what was pressed, as it would be typed. */
  readonly onFilter: (text: string) => void;
  readonly onClose: () => void;
}

export const EntryDialog = ({ trail, seq, onGo, onFilter, onClose }: EntryDialogProps) => {
  const { data, error, refetch } = useQuery(entryQuery(trail, seq));
  const entry = data?.entry ?? undefined;
  return (
    <Dialog
      title={`Entry ${count(seq)}`}
      isOpen
      isWide
      onClose={onClose}
      actions={
        <>
          {entry !== undefined && <CopyButton text={JSON.stringify(entry, null, 2)}>Copy as JSON</CopyButton>}
          <Button
            isDisabled={seq <= 1}
            onPress={() => {
              onGo(seq - 1);
            }}
          >
            Older
          </Button>
          <Button
            onPress={() => {
              onGo(seq + 1);
            }}
          >
            Newer
          </Button>
        </>
      }
    >
      {error !== null && data === undefined && <ErrorState error={error} onRetry={() => void refetch()} />}
      {error === null && data === undefined && <Skeleton height="320px" />}
      {data !== undefined && entry === undefined && (
        <EmptyState icon="audit" title="There is no entry with this number">
          The trail may be shorter. Were one removed, the check of the trail would say so.
        </EmptyState>
      )}
      {entry !== undefined && <EntryFacts entry={entry} before={data?.before ?? undefined} onFilter={onFilter} />}
    </Dialog>
  );
};

interface EntryFactsProps {
  readonly entry: AuditEntryView;
  readonly before: AuditEntryView | undefined;
  readonly onFilter: (text: string) => void;
}

const kinds = { key: 'an API key', person: 'a person of the identity provider', system: 'Pulser itself' } as const;

const EntryFacts = ({ entry, before, onFilter }: EntryFactsProps) => {
  const { action, actor, at, outcome, targets } = entry;
  const filter = (text: string, shown: string) => (
    <Button
      size="s"
      kind="quiet"
      icon="filter"
      onPress={() => {
        onFilter(text);
      }}
    >
      {shown}
    </Button>
  );
  const known = (name: string, value: string | null) => (value === null ? [] : [{ name, value }]);
  return (
    <>
      {outcome === 'refused' && (
        <Note kind="warn" icon="slash">
          The caller had not the role that this takes: nothing was changed.
        </Note>
      )}
      <Facts
        facts={[
          { name: 'When', value: exactTime(at) },
          { name: 'Who', value: `${actor.name === '' ? 'unnamed' : actor.name}, ${kinds[actor.kind]}` },
          ...(actor.id === null
            ? []
            : [
                {
                  name: 'Id of who',
                  value: (
                    <span className="cluster">
                      <span className="mono">{actor.id}</span>
                      {filter(`by:${actor.id}`, 'All that it did')}
                    </span>
                  ),
                },
              ]),
          ...known('By', actor.via),
          ...known('From', actor.origin),
          ...(actor.session_id === null
            ? []
            : [{ name: 'Session', value: <span className="mono">{actor.session_id}</span> }]),
          {
            name: 'What',
            value: (
              <span className="cluster">
                <code>{action}</code>
                {filter(`action:${action}`, 'All of this kind')}
              </span>
            ),
          },
          { name: 'Outcome', value: <OutcomeBadge outcome={outcome} /> },
          { name: 'On what', value: <Targets action={action} targets={targets} filter={filter} /> },
        ]}
      />
      <h3 className="audit-part">Proof</h3>
      <Facts
        facts={[
          { name: 'It was', value: <Hash hash={entry.before_digest} none="there was nothing before" /> },
          { name: 'It became', value: <Hash hash={entry.after_digest} none="there is nothing left" /> },
          { name: 'Hash of this entry', value: <Hash hash={entry.hash} none="" /> },
          {
            name: 'Hash of the one before',
            value: <Hash hash={before?.hash ?? null} none={entry.seq === 1 ? 'it is the first' : 'it is not there'} />,
          },
        ]}
      />
      <p className="muted">
        Each is a SHA-256. The first two are of the rows as they were and became, whose content the trail does not keep.
        The hash of an entry is of all of it and of the hash before it: who alters one would have to alter all that
        follow.
      </p>
    </>
  );
};

/** Targets that are shown; a bulk action names thousands. */
const maxTargets = 50;

interface TargetsProps {
  readonly action: string;
  readonly targets: readonly string[];
  readonly filter: (text: string, shown: string) => React.ReactNode;
}

const Targets = ({ action, targets, filter }: TargetsProps) => {
  if (targets.length === 0) return 'nothing by name';
  return (
    <ul className="audit-targets">
      {targets.slice(0, maxTargets).map((target) => (
        <li key={target} className="cluster">
          {action.startsWith('task.') ? (
            <PlaceLink place={`/tasks/${encodeURIComponent(target)}`} className="mono">
              {target}
            </PlaceLink>
          ) : (
            <span className="mono">{target}</span>
          )}
          {filter(`on:${target}`, 'All on it')}
        </li>
      ))}
      {targets.length > maxTargets && <li className="muted">and {count(targets.length - maxTargets)} more</li>}
    </ul>
  );
};

const Hash = ({ hash, none }: { readonly hash: string | null; readonly none: string }) =>
  hash === null ? <span className="muted">{none}</span> : <span className="mono audit-hash">{hash}</span>;

// What an agent says of itself: its versions, its task types with their limits, and its operations.
import type { OperationDescription, Pause } from '@pulser/contracts';

import { PlaceLink } from '../../app/place-link.js';
import { Button } from '../../ui/button.js';
import { CodeBlock } from '../../ui/code-block.js';
import { Icon } from '../../ui/icon.js';
import { JsonView } from '../../ui/json-view.js';
import { Panel } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Badge } from '../../ui/status-badge.js';
import { duration } from '../../ui/time.policy.js';
import { WideTable } from '../../ui/wide-table.js';
import type { AgentVersionView, PauseTarget, TaskTypeView } from '../agents/agent-queries.js';
import { ownPause, type Pausing, targetOf } from '../agents/pausing.js';

type Version = Pick<AgentVersionView, 'version' | 'task_types' | 'registered_at' | 'last_seen'>;

export const Versions = ({ versions }: { readonly versions: readonly Version[] }) => (
  <Panel title="Versions" isFlush>
    <WideTable label="Versions">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">Version</th>
            <th scope="col" className="right">
              Registered
            </th>
            <th scope="col" className="right">
              Seen
            </th>
          </tr>
        </thead>
        <tbody>
          {versions.map(({ version, registered_at: registered, last_seen: seen }) => (
            <tr key={version}>
              <th scope="row" className="mono">
                {version}
              </th>
              <td className="right">
                <RelativeTime at={registered} isQuiet />
              </td>
              <td className="right">
                <RelativeTime at={seen} isQuiet />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </WideTable>
  </Panel>
);

interface TaskTypesProps {
  readonly agent: string;
  readonly types: readonly string[];
  /** Their limits; a key of the installation does not see them. */
  readonly limits: readonly TaskTypeView[];
  readonly pauses: readonly Pause[];
  readonly pausing: Pausing;
}

export const TaskTypes = ({ agent, types, limits, pauses, pausing }: TaskTypesProps) => (
  <Panel title="Task types" isFlush>
    <WideTable label="Task types">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">Task type</th>
            {limits.length > 0 && (
              <>
                <th scope="col" className="right">
                  Attempts
                </th>
                <th scope="col" className="right">
                  Time limit
                </th>
                <th scope="col">Back-ups</th>
              </>
            )}
            <th scope="col" className="right">
              State
            </th>
          </tr>
        </thead>
        <tbody>
          {types.map((type) => {
            const limit = limits.find(({ task_type: name }) => name === type);
            return (
              <tr key={type}>
                <th scope="row">
                  {pausing.scope === 'tenant' ? (
                    <PlaceLink place={`/tasks?task_type=${type}&agent=${agent}`}>{type}</PlaceLink>
                  ) : (
                    type
                  )}
                </th>
                {limits.length > 0 && (
                  <>
                    <td className="right num">{limit?.max_attempts ?? '–'}</td>
                    <td className="right num">{duration(limit?.time_limit_ms)}</td>
                    <td>{limit === undefined || limit.backups.length === 0 ? 'none' : limit.backups.join(', ')}</td>
                  </>
                )}
                <td className="right">
                  <TypeState type={type} pauses={pauses} pausing={pausing} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </WideTable>
  </Panel>
);

interface TypeStateProps {
  readonly type: string;
  readonly pauses: readonly Pause[];
  readonly pausing: Pausing;
}

const TypeState = ({ type, pauses, pausing }: TypeStateProps) => {
  const target: PauseTarget = { kind: 'task-types', name: type };
  const own = ownPause(pauses, target, pausing.scope);
  const any = pauses.find((pause) => pause.task_type === type && targetOf(pause).kind === 'task-types');
  return (
    <span className="cluster type-state">
      {any !== undefined && (
        <span title={any.reason ?? undefined}>
          <Badge tone="warn" icon="pause">
            {any.for_all_tenants && pausing.scope === 'tenant' ? 'Paused for all' : 'Paused'}
          </Badge>
        </span>
      )}
      {pausing.mayAct &&
        (own === undefined ? (
          <Button
            size="s"
            kind="quiet"
            icon="pause"
            onPress={() => {
              pausing.ask(target);
            }}
          >
            {`Pause ${type}`}
          </Button>
        ) : (
          <Button
            size="s"
            icon="play"
            onPress={() => {
              pausing.resume(target, own.reason);
            }}
          >
            {`Resume ${type}`}
          </Button>
        ))}
    </span>
  );
};

interface OperationsProps {
  readonly operations: readonly OperationDescription[];
  readonly open: string | undefined;
  readonly onOpen: (operation: string | undefined) => void;
}

const nameOf = ({ task_type: type, operation }: OperationDescription): string => `${type}/${operation}`;

/** The command that submits the example as it is. */
const commandOf = ({ task_type: type, example }: OperationDescription): string => {
  const body = JSON.stringify({ task_type: type, payload: example }).replaceAll("'", String.raw`'\''`);
  return `curl -sS -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\\n  ${location.origin}/api/v1/tasks -d '${body}'`;
};

/** What the agent can do: each with the schema of its payload and an example that runs as it is. */
export const Operations = ({ operations, open, onOpen }: OperationsProps) => (
  <Panel title="Operations" isFlush>
    {operations.length === 0 ? (
      <p className="quiet-line">It describes none: its task types take any payload.</p>
    ) : (
      operations.map((operation) => {
        const name = nameOf(operation);
        const isOpen = name === open;
        return (
          <div key={name} className="operation">
            <button
              type="button"
              className="operation-head"
              aria-expanded={isOpen}
              onClick={() => {
                onOpen(isOpen ? undefined : name);
              }}
            >
              <Icon name="chevron" size={12} />
              <span className="operation-name mono">{name}</span>
              <span className="operation-summary">{operation.summary}</span>
            </button>
            {isOpen && (
              <div className="operation-body">
                <div>
                  <h3>Schema of the payload</h3>
                  <JsonView value={operation.input_schema} label={`Schema of ${name}`} maxHeight={420} />
                </div>
                <div className="stack">
                  <div>
                    <h3>Example</h3>
                    <JsonView value={operation.example} label={`Example of ${name}`} maxHeight={280} />
                  </div>
                  <CodeBlock code={commandOf(operation)} label={`Command for ${name}`} maxHeight="120px" />
                </div>
              </div>
            )}
          </div>
        );
      })
    )}
  </Panel>
);

/** The newest description of each operation; one that an older version alone has is there too. */
export const newestOperations = (registrations: readonly AgentVersionView[]): OperationDescription[] => {
  const newestFirst = registrations.toSorted((a, b) => Date.parse(b.registered_at) - Date.parse(a.registered_at));
  const found = new Map<string, OperationDescription>();
  for (const operation of newestFirst.flatMap(({ operations }) => operations)) {
    if (!found.has(nameOf(operation))) found.set(nameOf(operation), operation);
  }
  return [...found.values()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
};

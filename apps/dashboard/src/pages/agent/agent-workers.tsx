import type { AgentInstance } from '@pulser/contracts';

import { counted, count } from '../../ui/numbers.policy.js';
import { Note } from '../../ui/error-state.js';
import { Panel } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { WideTable } from '../../ui/wide-table.js';
import { AgentLight } from '../agents/agent-state.js';

interface WorkersProps {
  readonly instances: readonly AgentInstance[];
  /** Whether the gateway knows all of them. */
  readonly isComplete: boolean;
}

/** The worker processes of an agent, for operators of the installation. */
export const Workers = ({ instances, isComplete }: WorkersProps) => (
  <Panel title="Workers" isFlush>
    {!isComplete && (
      <Note kind="warn" icon="alert">
        The gateway has just started or hears nothing of the broker: workers may be missing here.
      </Note>
    )}
    {instances.length === 0 ? (
      <p className="quiet-line">No worker of it is heard of.</p>
    ) : (
      <WideTable label="Workers">
        <table className="plain-table">
          <caption className="visually-hidden">{counted(instances.length, 'worker')}</caption>
          <thead>
            <tr>
              <th scope="col">Worker</th>
              <th scope="col">State</th>
              <th scope="col">Host</th>
              <th scope="col">Version</th>
              <th scope="col" className="right">
                Slots
              </th>
              <th scope="col" className="right">
                Finished
              </th>
              <th scope="col" className="right">
                Failed
              </th>
              <th scope="col" className="right">
                Heard
              </th>
            </tr>
          </thead>
          <tbody>
            {instances.map((one) => (
              <tr key={one.instance}>
                <th scope="row" className="mono">
                  {one.instance}
                </th>
                <td>
                  <AgentLight state={one.state} />
                </td>
                <td className="mono">{one.host ?? '–'}</td>
                <td className="mono">{one.version ?? '–'}</td>
                <td className="right num">{`${count(one.running)} / ${count(one.slots)}`}</td>
                <td className="right num">{count(one.finished_total)}</td>
                <td className="right num">{count(one.failed_total)}</td>
                <td className="right">
                  <RelativeTime at={one.last_heartbeat} isQuiet />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </WideTable>
    )}
  </Panel>
);

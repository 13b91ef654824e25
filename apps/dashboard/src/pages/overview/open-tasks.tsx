import { openStatuses, priorities } from '../../api/task-states.js';
import { PlaceLink } from '../../app/place-link.js';
import { AgentName } from '../../ui/agent.js';
import { Icon } from '../../ui/icon.js';
import { count } from '../../ui/numbers.policy.js';
import { Skeleton } from '../../ui/skeleton.js';
import { statusLooks } from '../../ui/status-badge.js';
import { WideTable } from '../../ui/wide-table.js';
import type { StatusView } from './status-query.js';

/** Tasks that have not ended, of every state. */
export const openTotal = (tasks: StatusView['tasks']): number =>
  openStatuses.reduce((sum, status) => sum + (tasks[status] ?? 0), 0);

/** Tasks that have not ended, by state; each number leads to its rows. */
export const OpenTasks = ({ tasks }: { readonly tasks: StatusView['tasks'] | undefined }) => (
  <section className="tiles" aria-label="Open tasks">
    {openStatuses.map((status) => {
      const { icon, text, tone } = statusLooks[status];
      return (
        <PlaceLink key={status} place={`/tasks?status=${status}`} className="tile">
          <span className={`tile-name tile-${tone}`}>
            <Icon name={icon} />
            {text}
          </span>
          <span className="tile-number num">
            {tasks === undefined ? <Skeleton width="2ch" /> : count(tasks[status] ?? 0)}
          </span>
        </PlaceLink>
      );
    })}
  </section>
);

/** What waits for each agent now, by priority. */
export const Queues = ({ queues }: { readonly queues: StatusView['queues'] }) => {
  const byAgent = [...Map.groupBy(queues, ({ agent }) => agent)].map(([agent, rows]) => ({
    agent,
    of: (priority: string) =>
      rows.filter((row) => row.priority === priority).reduce((sum, { tasks }) => sum + tasks, 0),
    all: rows.reduce((sum, { tasks }) => sum + tasks, 0),
  }));
  if (byAgent.length === 0) return <p className="quiet-line">No task waits for its agent.</p>;
  return (
    <WideTable label="Queued tasks">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">Agent</th>
            {priorities.map((priority) => (
              <th key={priority} scope="col" className="right">
                {priority}
              </th>
            ))}
            <th scope="col" className="right">
              all
            </th>
          </tr>
        </thead>
        <tbody>
          {byAgent
            .sort((a, b) => b.all - a.all)
            .map(({ agent, of, all }) => (
              <tr key={agent}>
                <th scope="row">
                  <AgentName agent={agent} />
                </th>
                {priorities.map((priority) => (
                  <td key={priority} className="right num">
                    <PlaceLink
                      place={`/tasks?agent=${agent}&status=queued&priority=${priority}`}
                      {...(of(priority) === 0 && { className: 'zero' })}
                    >
                      {count(of(priority))}
                    </PlaceLink>
                  </td>
                ))}
                <td className="right num">
                  <PlaceLink place={`/tasks?agent=${agent}&status=queued`}>{count(all)}</PlaceLink>
                </td>
              </tr>
            ))}
        </tbody>
      </table>
    </WideTable>
  );
};

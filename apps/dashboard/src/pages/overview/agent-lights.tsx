import type { Pause, TelemetryHealth } from '@pulser/contracts';

import { PlaceLink } from '../../app/place-link.js';
import { anyOpen, tasksPlace } from '../../telemetry/range.policy.js';
import { AgentName } from '../../ui/agent.js';
import { percent, shortCount } from '../../ui/numbers.policy.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { WideTable } from '../../ui/wide-table.js';
import { AgentLight, shownState } from '../agents/agent-state.js';

interface AgentLightsProps {
  readonly health: TelemetryHealth;
  readonly pauses: readonly Pause[];
  /** The figures are those of the range that was shown before. */
  readonly isOld: boolean;
}

const secondsOf = (instant: string): number => Date.parse(instant) / 1_000;

/** @param rate of those that ended; null: none did */
const failedText = (failed: number, rate: number | null): string =>
  rate === null ? '–' : `${shortCount(failed)} · ${percent(rate)}`;

/** Which agents live, and how they did in the range. */
export const AgentLights = ({ health, pauses, isOld }: AgentLightsProps) => {
  const [fromS, toS] = [secondsOf(health.from), secondsOf(health.to)];
  return (
    <WideTable label="Agents and their states">
      <table className={isOld ? 'plain-table lights lights-old' : 'plain-table lights'} aria-busy={isOld}>
        <thead>
          <tr>
            <th scope="col">Agent</th>
            <th scope="col">State</th>
            <th scope="col" className="right">
              Open
            </th>
            <th scope="col" className="right">
              Failed
            </th>
            <th scope="col" className="right lights-seen">
              Seen
            </th>
          </tr>
        </thead>
        <tbody>
          {health.agents.map(({ agent, state, reason, open, failed, error_rate: rate, last_seen: seen }) => (
            <tr key={agent}>
              <th scope="row">
                <PlaceLink place={`/agents/${agent}`}>
                  <AgentName agent={agent} size={22} />
                </PlaceLink>
              </th>
              <td title={reason}>
                <AgentLight
                  state={shownState(
                    state,
                    pauses.some((pause) => pause.agent === agent),
                  )}
                />
              </td>
              <td className="right num">
                <PlaceLink
                  place={tasksPlace({ agent, status: anyOpen })}
                  aria-label={`${shortCount(open)} open tasks of ${agent}`}
                >
                  {shortCount(open)}
                </PlaceLink>
              </td>
              <td className="right num">
                <PlaceLink
                  place={tasksPlace({ agent, status: 'failed', fromS, toS })}
                  aria-label={`${failedText(failed, rate)} failed tasks of ${agent}`}
                >
                  {failedText(failed, rate)}
                </PlaceLink>
              </td>
              <td className="right lights-seen">
                <RelativeTime at={seen} isQuiet />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </WideTable>
  );
};

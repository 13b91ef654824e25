// A budget as far as it is used: money, tokens and requests, spent and reserved, against their limits.
import './budget-meter.css';

import type { BudgetView } from '@pulser/contracts';

import { count, percent, usd } from './numbers.policy.js';

/** From this share on a budget is nearly used: then destinations are told, too. */
export const nearlyUsed = 0.8;

const kinds = [
  { kind: 'micros', name: 'Money', text: usd },
  { kind: 'tokens', name: 'Tokens', text: count },
  { kind: 'calls', name: 'Requests', text: count },
] as const;

interface BudgetMeterProps {
  /** Whose it is: "Today". */
  readonly title: string;
  readonly budget: BudgetView;
}

export const BudgetMeter = ({ title, budget: { limit, spent, reserved } }: BudgetMeterProps) => (
  <div className="budget-scroll" role="region" aria-label={`Figures: ${title}`} tabIndex={0}>
    <table className="plain-table budget">
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col" className="right">
            Used
          </th>
          <th scope="col" className="right">
            Of
          </th>
          <th scope="col">Share</th>
        </tr>
      </thead>
      <tbody>
        {kinds.map(({ kind, name, text }) => {
          const [used, most] = [spent[kind] + reserved[kind], limit[kind]];
          return (
            <tr key={kind}>
              <th scope="row">{name}</th>
              <td className="right num">{text(used)}</td>
              <td className="right num">{text(most)}</td>
              <td>
                <meter
                  value={used}
                  max={Math.max(most, used, 1)}
                  high={most * nearlyUsed}
                  optimum={0}
                  aria-label={`${name}, ${title}`}
                />{' '}
                <span className="num muted">{percent(most === 0 ? 1 : used / most)}</span>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  </div>
);

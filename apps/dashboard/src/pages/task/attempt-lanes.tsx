import { duration } from '../../ui/time.policy.js';
import { useNow } from '../../ui/relative-time.js';
import { StatusBadge } from '../../ui/status-badge.js';
import { type Lane, type LaneSpan, rangeOf, type SpanKind, totalOf } from './attempt-lanes.policy.js';

const names: Readonly<Record<SpanKind, string>> = {
  scheduled: 'Scheduled',
  wait: 'Waited',
  run: 'Ran',
  back_off: 'Backed off',
  pause: 'Waited for others',
};

const kinds = Object.keys(names) as SpanKind[];

interface LanesProps {
  readonly lanes: readonly Lane[];
}

/** Each attempt as a lane over the life of the task. What the bars show stands in words beside them. */
export const AttemptLanes = ({ lanes }: LanesProps) => {
  const isOpen = lanes.some(({ spans }) => spans.some(({ to }) => to === undefined));
  const last = lanes.at(-1)?.spans.at(-1)?.from ?? 0;
  const ticking = useNow(isOpen ? last : 0);
  const now = isOpen ? ticking : 0;
  const { from, to } = rangeOf(lanes, now);
  const share = (at: number): number => ((at - from) / (to - from)) * 100;
  return (
    <div className="lanes">
      <ol className="lane-rows">
        {lanes.map((lane) => (
          <li key={lane.attempt} className="lane">
            <span className="lane-name">Attempt {lane.attempt}</span>
            <span className="lane-track">
              {lane.spans.map((span) => (
                <Bar key={`${span.kind}${span.from}`} span={span} now={now} share={share} />
              ))}
            </span>
            <span className="lane-text">
              {lane.spans.map((span) => (
                <span key={`${span.kind}${span.from}`} className="num">
                  {names[span.kind].toLowerCase()} {duration((span.to ?? now) - span.from)}
                </span>
              ))}
              {lane.outcome !== undefined && <StatusBadge status={lane.outcome} />}
              {lane.error !== undefined && <code className="bad-text">{lane.error.code}</code>}
            </span>
          </li>
        ))}
      </ol>
      <Legend lanes={lanes} now={now} />
    </div>
  );
};

/** How long the task did what, over all attempts. Of a single one all of it stands beside its lane. */
const Legend = ({ lanes, now }: LanesProps & { readonly now: number }) =>
  lanes.length === 1 ? null : (
    <ul className="lane-legend">
      {kinds
        .map((kind) => ({ kind, ms: totalOf(lanes, kind, now) }))
        .filter(({ ms }) => ms > 0)
        .map(({ kind, ms }) => (
          <li key={kind} className="num">
            <span className={`lane-dot lane-${kind}`} aria-hidden="true" />
            {names[kind]} {duration(ms)}
          </li>
        ))}
    </ul>
  );

interface BarProps {
  readonly span: LaneSpan;
  readonly now: number;
  readonly share: (at: number) => number;
}

const Bar = ({ span, now, share }: BarProps) => {
  const end = span.to ?? now;
  const left = share(span.from);
  return (
    <span
      className={`lane-bar lane-${span.kind}`}
      data-open={span.to === undefined || undefined}
      title={`${names[span.kind]} ${duration(end - span.from)}`}
      style={{ left: `${left}%`, width: `${Math.max(0.3, share(end) - left)}%` }}
    />
  );
};

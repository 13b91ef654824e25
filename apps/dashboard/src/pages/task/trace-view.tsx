// Where the time of a task went: its spans as a waterfall, and what is known of one of them.
import './trace.css';

import type { TaskSpan, TaskTrace, TaskView } from '@pulser/contracts';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';

import { useKeys } from '../../app/keyboard.js';
import { Button } from '../../ui/button.js';
import { CopyButton } from '../../ui/code-block.js';
import { ErrorState, Note } from '../../ui/error-state.js';
import { Icon } from '../../ui/icon.js';
import { counted } from '../../ui/numbers.policy.js';
import { type Fact, Facts, Panel } from '../../ui/page.js';
import { exactTime, useNow } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { Badge } from '../../ui/status-badge.js';
import { duration } from '../../ui/time.policy.js';
import { type Column, VirtualTable } from '../../ui/virtual-table.js';
import { traceQuery } from './task-queries.js';
import { placeOf, rangeOf, type TraceRange, type TraceRow, rowsOf } from './trace-rows.policy.js';

/** What the spans are called that follow from the row of the task; services name their own. */
const phaseNames: Readonly<Record<string, string>> = {
  task: 'Task',
  scheduled: 'Scheduled',
  wait: 'Waited for a worker',
  attempt: 'Attempt',
  'back-off': 'Backed off',
  suspended: 'Waited for others',
};

const nameOf = ({ derived, name, attempt }: TaskSpan): string => {
  if (!derived) return name;
  const text = Object.hasOwn(phaseNames, name) ? (phaseNames[name] ?? name) : name;
  return name === 'attempt' && attempt !== null ? `${text} ${attempt}` : text;
};

const toneOf = ({ error, derived, name }: TaskSpan): string => {
  if (error !== null) return 'error';
  return derived && Object.hasOwn(phaseNames, name) ? name : 'stored';
};

interface TraceViewProps {
  readonly task: TaskView;
  /** Id of the span that is shown below the waterfall. */
  readonly chosen: string | undefined;
  readonly onChoose: (spanId: string | undefined) => void;
}

export const TraceView = ({ task, ...choice }: TraceViewProps) => {
  const { data, error, refetch } = useQuery(traceQuery(task));
  if (data !== undefined) return <Waterfall trace={data} {...choice} />;
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return <Skeleton height="240px" />;
};

interface WaterfallProps extends Omit<TraceViewProps, 'task'> {
  readonly trace: TaskTrace;
}

const Waterfall = ({ trace, chosen, onChoose }: WaterfallProps) => {
  const { spans, stored, truncated, trace_id: traceId } = trace;
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const isOpen = spans.some(({ duration_ms }) => duration_ms === null);
  const ticking = useNow(isOpen ? Date.parse(spans[0]?.at ?? '') || 0 : 0);
  const now = isOpen ? ticking : 0;
  const rows = useMemo(() => rowsOf(spans, folded), [spans, folded]);
  const range = useMemo(() => rangeOf(spans, now), [spans, now]);
  const fold = useCallback((id: string): void => {
    setFolded((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);
  const columns = useMemo(() => columnsOf(range, now, fold), [range, now, fold]);
  const span = spans.find(({ span_id }) => span_id === chosen);
  const failed = spans.filter(({ error }) => error !== null).length;
  useKeys('Trace', [
    {
      keys: 'f',
      label: 'Fold or unfold the parts of the chosen span',
      run: () => {
        if (chosen !== undefined) fold(chosen);
      },
    },
  ]);
  return (
    <div className="trace">
      <div className="list-bar">
        <span className="muted num">
          {counted(spans.length, 'span')} over {duration(range.to - range.from)}
          {isOpen ? ', it goes on' : ''}
        </span>
        {failed > 0 && (
          <Badge tone="bad" icon="failed">
            {`${counted(failed, 'span')} failed`}
          </Badge>
        )}
        {traceId !== null && <CopyButton text={traceId}>Copy trace id</CopyButton>}
      </div>
      {truncated && (
        <Note kind="warn" icon="alert">
          There are more spans than are shown here. The exported trace has them all.
        </Note>
      )}
      {!stored && (
        <Note>
          No service has stored spans of this task: what is shown follows from its row. Spans are stored of a share of
          the tasks (TRACE_STORED_SAMPLE), and of attempts that failed or were slow (TRACE_STORED_SLOW_S).
        </Note>
      )}
      <div className="panel trace-panel">
        <VirtualTable
          label="Spans"
          rows={rows}
          columns={columns}
          idOf={({ span: { span_id } }) => span_id}
          currentId={chosen}
          onOpen={({ span: { span_id } }) => {
            onChoose(span_id === chosen ? undefined : span_id);
          }}
        />
      </div>
      {span !== undefined && (
        <ChosenSpan
          span={span}
          range={range}
          parent={spans.find(({ span_id }) => span_id === span.parent_id)}
          onChoose={onChoose}
        />
      )}
    </div>
  );
};

const columnsOf = (range: TraceRange, now: number, onFold: (spanId: string) => void): readonly Column<TraceRow>[] => [
  {
    id: 'name',
    title: 'Span',
    width: 'minmax(120px, 2fr)',
    cell: (row) => <Name row={row} onFold={onFold} />,
  },
  {
    id: 'service',
    title: 'Service',
    width: 'minmax(80px, 0.6fr)',
    from: 820,
    cell: ({ span: { service, derived } }) =>
      derived ? <span className="muted">Pulser</span> : <span className="truncate">{service}</span>,
  },
  {
    id: 'bar',
    title: 'Time',
    width: 'minmax(64px, 3fr)',
    cell: ({ span }) => <Bar span={span} range={range} now={now} />,
  },
  {
    id: 'error',
    title: 'Error',
    width: 'minmax(80px, 0.6fr)',
    from: 620,
    cell: ({ span: { error } }) =>
      error === null ? null : (
        <code className="bad-text truncate" title={error}>
          {error}
        </code>
      ),
  },
  {
    id: 'duration',
    title: 'Took',
    width: '96px',
    isRight: true,
    cell: ({ span: { duration_ms: ms } }) => (ms === null ? <span className="muted">open</span> : duration(ms)),
  },
];

/** Levels that are drawn as such: what is deeper would have no room for its name. */
const maxIndent = 8;

const Name = ({ row, onFold }: { readonly row: TraceRow; readonly onFold: (spanId: string) => void }) => {
  const { span, depth, parts, isFolded } = row;
  return (
    <span className="trace-name" style={{ paddingLeft: `${Math.min(depth, maxIndent) * 14}px` }}>
      {parts === 0 ? (
        <span className="trace-fold" />
      ) : (
        <button
          type="button"
          className="trace-fold"
          // The keyboard folds the chosen span by its key.
          tabIndex={-1}
          aria-expanded={!isFolded}
          aria-label={`${nameOf(span)}: ${isFolded ? 'unfold' : 'fold'} ${counted(parts, 'span')}`}
          onClick={() => {
            onFold(span.span_id);
          }}
        >
          <Icon name="chevron" size={10} />
        </button>
      )}
      {span.error !== null && <Icon name="failed" size={13} className="bad-text" label="Failed" />}
      <span className="truncate">{nameOf(span)}</span>
    </span>
  );
};

interface BarProps {
  readonly span: TaskSpan;
  readonly range: TraceRange;
  readonly now: number;
}

// A look at the bars alone: the same stands in words in the other columns.
const Bar = ({ span, range, now }: BarProps) => {
  const { left, width } = placeOf(span, range, now);
  return (
    <span className="trace-track" aria-hidden="true">
      <span
        className={`trace-bar trace-${toneOf(span)}`}
        data-derived={span.derived || undefined}
        style={{ left: `min(${left}%, 100% - 2px)`, width: `max(${width}%, 2px)` }}
      />
    </span>
  );
};

interface ChosenSpanProps {
  readonly span: TaskSpan;
  readonly range: TraceRange;
  readonly parent: TaskSpan | undefined;
  readonly onChoose: (spanId: string | undefined) => void;
}

const ChosenSpan = ({ span, range, parent, onChoose }: ChosenSpanProps) => {
  const { attributes, at, attempt, duration_ms: ms, error, kind, service, span_id: id } = span;
  const facts: readonly Fact[] = [
    ...(error === null ? [] : [{ name: 'Error', value: <code className="bad-text">{error}</code> }]),
    { name: 'Began', value: `${duration(Date.parse(at) - range.from)} after the beginning, ${exactTime(at)}` },
    { name: 'Took', value: ms === null ? 'It goes on' : duration(ms) },
    ...(attempt === null ? [] : [{ name: 'Attempt', value: attempt }]),
    ...(service === null ? [] : [{ name: 'Service', value: service }]),
    { name: 'Kind', value: kind },
    {
      name: 'Known from',
      value: span.derived
        ? 'the row of the task, by the clock of the database'
        : 'its service, by the clock of that machine',
    },
    ...(span.derived ? [] : [{ name: 'Span id', value: <span className="mono">{id}</span> }]),
    ...(parent === undefined
      ? []
      : [
          {
            name: 'Part of',
            value: (
              <Button
                size="s"
                kind="quiet"
                onPress={() => {
                  onChoose(parent.span_id);
                }}
              >
                {nameOf(parent)}
              </Button>
            ),
          },
        ]),
  ];
  const names = Object.keys(attributes).sort();
  return (
    <div className="grid">
      <Panel title={nameOf(span)} aside={span.derived && <Badge tone="idle">From the row</Badge>}>
        <Facts facts={facts} />
      </Panel>
      <Panel title="Attributes">
        {names.length === 0 ? (
          <p className="muted">
            {span.derived ? 'It follows from the times of the task, and has none.' : 'Its service has set none.'}
          </p>
        ) : (
          <Facts
            facts={names.map((name) => ({ name, value: <span className="mono">{String(attributes[name])}</span> }))}
          />
        )}
      </Panel>
    </div>
  );
};

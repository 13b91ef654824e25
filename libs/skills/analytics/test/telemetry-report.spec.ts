import { type OperationRun, runOperation } from '@pulser/agent-runtime/testing';
import type { TaskContext } from '@pulser/agent-runtime/skill';

import { analytics, TelemetryReportResult } from '../src/index.js';
import { telemetryReport } from '../src/telemetry-report/telemetry-report.operation.js';
import { pdfTexts } from './fixtures/pdf-text.js';
import { type TaskOfTest, type TaskRow, TasksOfTests } from './tasks-of-tests.js';

const hourMs = 3_600_000;
const present = Math.floor(Date.now() / hourMs) * hourMs;
/** Whole hours that have passed, so that nothing changes any more. */
const [fromMs, toMs] = [present - 22 * hourMs, present - 2 * hourMs];
const range = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };

/** Numbers from 0 to 1, the same ones in every run (mulberry32). */
const seeded = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
};

const random = seeded(14);
const oneOf = <T>(items: readonly [T, ...T[]]): T => items[Math.floor(random() * items.length)] ?? items[0];

const agents = ['dash', 'dash', 'dash', 'data_fabcon', 'maya'] as const;
const states = ['completed', 'completed', 'completed', 'completed', 'failed', 'cancelled'] as const;

/** Some begin or end outside of the range. */
const someTasks = (count: number): TaskOfTest[] =>
  Array.from({ length: count }, () => ({
    agent: oneOf([...agents]),
    operation: `op-${Math.floor(random() ** 2 * 24)}`,
    status: oneOf([...states]),
    createdMs: fromMs - hourMs + random() * (toMs - fromMs + 2 * hourMs),
    waitMs: Math.exp(random() * 10),
    runMs: Math.exp(random() * 13),
  }));

interface Report {
  readonly result: TelemetryReportResult;
  readonly pages: readonly string[];
  /** All pages, without what stands at the foot of each. */
  readonly text: string;
  readonly html: string;
  readonly markdown: string;
  readonly artifacts: OperationRun['artifacts'];
}

const make = async (telemetry: TaskContext['telemetry'], payload: Record<string, unknown> = range): Promise<Report> => {
  const { result, artifacts } = await runOperation(
    analytics,
    { operation: 'telemetry_report', ...payload },
    { telemetry },
  );
  const pages = pdfTexts(artifacts.get('report.pdf')?.content ?? Buffer.alloc(0));
  const file = (name: string): string => String(artifacts.get(name)?.content);
  return {
    result: TelemetryReportResult.parse(result),
    pages,
    text: pages.join('\n'),
    html: file('report.html'),
    markdown: file('report.md'),
    artifacts,
  };
};

const unitMs = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000 } as const;

const durationOf = (text: string): number | null => {
  const [, value = '', unit = ''] = /^([\d.,]+) (ms|s|min|h)$/.exec(text) ?? [];
  return text === '–' ? null : Number(value.replaceAll(',', '')) * unitMs[unit as keyof typeof unitMs];
};

/** The cells behind these in the text of the PDF, which has one a line. */
const cellsBehind = (text: string, cells: readonly string[], count: number): string[] => {
  const found = `\n${text}\n`.indexOf(`\n${cells.join('\n')}\n`);
  if (found < 0) throw new Error(`There is no row ${cells.join(' ')}`);
  return text
    .slice(found + cells.join('\n').length + 1, found + 400)
    .split('\n')
    .slice(0, count);
};

const isWithin = (ms: number): boolean => ms >= fromMs && ms < toMs;

const quantileOf = (values: readonly number[], q: number): number | null => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(q * (sorted.length - 1))] ?? null;
};

/** The cells of counts, worked out from the rows of tasks. */
const expectedCounts = (rows: readonly TaskRow[]): string[] => {
  const ended = (status: string): number =>
    rows.filter((row) => row.status === status && row.ended !== null && isWithin(row.ended)).length;
  const [completed, failed] = [ended('completed'), ended('failed')];
  const rate = completed + failed === 0 ? '–' : `${Math.round((failed / (completed + failed)) * 1_000) / 10} %`;
  return [rows.filter(({ created }) => isWithin(created)).length, completed, failed].map(String).concat(rate);
};

const expectDurations = (cells: readonly string[], rows: readonly TaskRow[]): void => {
  const done = rows.filter((row) => row.status === 'completed' && row.ended !== null && isWithin(row.ended));
  const exact = (['wait', 'run'] as const).flatMap((which) =>
    [0.5, 0.95, 0.99].map((q) =>
      quantileOf(
        done.map((row) => row[which] ?? 0),
        q,
      ),
    ),
  );
  for (const [at, value] of exact.entries()) {
    const written = durationOf(cells[at] ?? '');
    if (value === null) expect(written).toBeNull();
    // One per cent of the sketch, and three digits.
    else expect(Math.abs((written ?? NaN) - value)).toBeLessThanOrEqual(value * 0.016 + 0.001);
  }
};

describe('a report of telemetry', () => {
  let tasks: TasksOfTests;
  let [mine, other, nothing] = ['', '', ''];
  let report: Report;

  beforeAll(async () => {
    tasks = await TasksOfTests.start();
    [mine, other, nothing] = await Promise.all([tasks.tenant('acme'), tasks.tenant('umbrella'), tasks.tenant('empty')]);
    await tasks.add(mine, someTasks(600));
    await tasks.add(mine, [
      { agent: 'maya', operation: '', status: 'queued', createdMs: fromMs + hourMs, waitMs: 0, runMs: 0 },
    ]);
    await tasks.add(
      other,
      someTasks(50).map((task) => ({ ...task, agent: 'stranger', operation: 'secret-op' })),
    );
    await tasks.bury(mine, 'retries_exhausted', 'dash', fromMs + hourMs, 7);
    await tasks.bury(mine, 'retries_exhausted', 'dash', fromMs - hourMs, 2);
    await tasks.bury(mine, 'handler_failed', 'maya', fromMs - 2 * hourMs, 5);
    await tasks.bury(other, 'secret_reason', 'stranger', fromMs + hourMs, 3);
    await tasks.silence('maya');
    report = await make(tasks.telemetry(mine));
  });

  afterAll(() => tasks.stop());

  it('has the counts and quantiles of the rows of tasks, by agent and of all', async () => {
    const rows = await tasks.rows(mine);
    for (const agent of new Set(agents)) {
      const ofAgent = rows.filter((row) => row.agent === agent);
      expectDurations(cellsBehind(report.text, [agent, ...expectedCounts(ofAgent)], 6), ofAgent);
    }
    expectDurations(cellsBehind(report.text, ['all', ...expectedCounts(rows)], 6), rows);
    const within = (status: string): number =>
      rows.filter((row) => row.status === status && row.ended !== null && isWithin(row.ended)).length;
    expect(report.result).toMatchObject({
      tenant: { id: mine, name: 'acme' },
      ...range,
      ...{ step: '1h', resolution: 'hour', kept_from: null, complete_until: range.to, open: 1 },
      totals: { completed: within('completed'), failed: within('failed'), cancelled: within('cancelled') },
      agents: [
        { agent: 'dash', state: 'up' },
        { agent: 'maya', state: 'silent' },
      ],
    });
  });

  it('names the twenty operations with the most tasks, and adds up the others', async () => {
    const rows = await tasks.rows(mine);
    const groups = [...Map.groupBy(rows, ({ agent, operation }) => `${agent}\n${operation || '(none)'}`)];
    const isNamed = ([key, group]: (typeof groups)[number]): boolean =>
      report.text.includes(`\n${[key, ...expectedCounts(group)].join('\n')}\n`);
    const named = groups.filter(isNamed);
    expect(named).toHaveLength(20);
    for (const [key, group] of named)
      expectDurations(cellsBehind(report.text, [key, ...expectedCounts(group)], 6), group);
    const inRange = groups.filter(([, group]) =>
      group.some(({ created, ended }) => isWithin(created) || (ended !== null && isWithin(ended))),
    );
    const others = inRange.filter((group) => !named.includes(group)).flatMap(([, group]) => group);
    const more = `${inRange.length - 20} more`;
    expect(cellsBehind(report.text, [more, ...expectedCounts(others)], 6)).toEqual(
      Array.from({ length: 6 }, () => '–'),
    );
    expect(report.text).toContain('The 20 operations with the most tasks; the last row adds up the others');
  });

  it('says whether dead letters grow, by reason', () => {
    expect(report.text).toContain('\nretries_exhausted\ndash\ngrowing\n7\n2\n9\n');
    expect(report.text).toContain('\nhandler_failed\nmaya\nfewer\n0\n5\n5\n');
  });

  it('has five charts, the last one of lights with a word for each', () => {
    expect([...report.artifacts.keys()].sort()).toEqual([
      ...['depth.png', 'errors.png', 'latency.png', 'report.html', 'report.md', 'report.pdf', 'throughput.png'],
    ]);
    expect(report.html.match(/<img src="data:image\/png;base64,/g)).toHaveLength(4);
    expect(report.text).toContain('\ndash\nup\nA worker of it was heard of within the last minute\n');
    expect(report.text).toMatch(/\nmaya\nsilent\nNo worker of it was heard of for \d+ hours; last heard of at /);
    expect(report.markdown).toContain('- ○ **maya** silent: No worker of it was heard of for');
    expect(report.markdown).toContain('](errors.png)');
  });

  it('says of which tenant and time it is, and how exact', () => {
    const [title = ''] = report.pages;
    expect(title).toContain('Tasks of acme');
    expect(title).toContain(`Tenant: acme (${mine})`);
    expect(title).toContain('Resolution: hours, in steps of 1 hour');
    expect(title).toContain(
      `${range.from.slice(0, 16).replace('T', ' ')} to ${range.to.slice(0, 16).replace('T', ' ')} (UTC)`,
    );
  });

  it('has nothing of another tenant', async () => {
    const all = [report.text, report.html, report.markdown, JSON.stringify(report.result)].join('\n');
    for (const foreign of ['stranger', 'secret', 'umbrella', other]) expect(all).not.toContain(foreign);
    const theirs = await make(tasks.telemetry(other));
    expect(theirs.text).toContain('\nstranger\nsecret-op\n');
    expect(theirs.text).not.toContain('op-1\n');
    expect(theirs.text).not.toContain('acme');
  });

  it('of a tenant without tasks says so, and draws nothing', async () => {
    const { result, text, artifacts } = await make(tasks.telemetry(nothing), {});
    expect([...artifacts.keys()].sort()).toEqual(['report.html', 'report.md', 'report.pdf']);
    for (const said of [
      'No task came, started or ended in this time; 0 tasks had not ended when this was made.',
      'No task completed in this time.',
      'No task completed in this time, so nothing was measured.',
      'No task completed or failed in this time.',
      'No task is open now.',
      'No agent had a task in this time.',
      'No operation had a task in this time.',
      'No dead letter is open, and none came.',
    ])
      expect(text.replaceAll('\n', ' ')).toContain(said);
    expect(result.totals).toEqual({
      submitted: 0,
      started: 0,
      completed: 0,
      failed: 0,
      cancelled: 0,
      retries: 0,
      error_rate: null,
    });
    expect(Date.parse(result.made_at) - Date.parse(result.from)).toBeGreaterThanOrEqual(24 * hourMs);
    expect(result.notes.join(' ')).toContain('is widened to whole steps (1 hour)');
    expect(result.notes.join(' ')).toContain('may not be all there yet');
  });

  /** Answers of the database, each read once, and changed. */
  const kept = (
    change: (view: string, answer: unknown) => unknown = (_, answer) => answer,
  ): TaskContext['telemetry'] => {
    const answers = new Map<string, Promise<unknown>>();
    const ask = tasks.telemetry(mine);
    return ((question: Parameters<typeof ask>[0]) => {
      const key = JSON.stringify(question);
      const answer = answers.get(key) ?? ask(question).then((found) => change(question.view, found));
      answers.set(key, answer);
      return answer;
    }) as TaskContext['telemetry'];
  };

  it('is the same file for the same figures', async () => {
    const telemetry = kept();
    const [one, two] = [await make(telemetry), await make(telemetry)];
    for (const [name, { content }] of one.artifacts)
      expect([name, two.artifacts.get(name)?.content.equals(content)]).toEqual([name, true]);
  });

  it('says what is not kept, and draws no zero there', async () => {
    const keptFrom = new Date(fromMs + 5 * hourMs).toISOString();
    const emptied = (view: string, answer: unknown): unknown => {
      if (view === 'now' || view === 'health' || view === 'dead_letters') return answer;
      const { series, ...rest } = answer as { series: { values: Record<string, (number | null)[]> }[] };
      const without = series.map(({ values, ...one }) => ({
        ...one,
        values: Object.fromEntries(
          Object.entries(values).map(([name, list]) => [name, list.map((value, at) => (at < 5 ? null : value))]),
        ),
      }));
      return { ...rest, series: without, kept_from: keptFrom };
    };
    const { result, html } = await make(kept(emptied));
    const time = keptFrom.slice(0, 16).replace('T', ' ');
    expect(result.notes).toContain(`Of the time before ${time} nothing is kept in hours: it is in no figure.`);
    expect(html.split(`Nothing is kept of the time before ${time}`)).toHaveLength(5);
  });

  it('says that nothing is known where nothing is kept', async () => {
    const gone = (view: string, answer: unknown): unknown =>
      view === 'throughput' || view === 'latency' ? { ...(answer as object), series: [], kept_from: range.to } : answer;
    const text = (await make(kept(gone))).text.replaceAll('\n', ' ');
    expect(text).toContain('Nothing is kept of this time: what happened in it is not known.');
    expect(text).toContain('No task completed in the part of this time that is kept.');
  });

  it('is of some agents, in a time zone, where that is asked for', async () => {
    const { result, text } = await make(tasks.telemetry(mine), {
      ...range,
      agents: ['maya'],
      time_zone: 'Asia/Kathmandu',
      title: 'Maya',
    });
    expect(result.agents).toEqual([{ agent: 'maya', state: 'silent' }]);
    expect(text).toContain('(Asia/Kathmandu, UTC+05:45)');
    expect(text).not.toContain('data_fabcon');
    expect(text).not.toContain('\nretries_exhausted\n');
    const rows = (await tasks.rows(mine)).filter(({ agent }) => agent === 'maya');
    expectDurations(cellsBehind(text, ['all', ...expectedCounts(rows)], 6), rows);
  });

  it('runs its own example', async () => {
    const { result } = await make(tasks.telemetry(mine), telemetryReport.example);
    expect(result.pages).toBeGreaterThan(3);
  });

  it('refuses what cannot be', async () => {
    const refused = (payload: Record<string, unknown>, message: string): Promise<void> =>
      expect(make(tasks.telemetry(mine), payload)).rejects.toMatchObject({
        code: 'invalid_payload',
        message: expect.stringContaining(message) as string,
      });
    await refused({ ...range, agents: ['nobody'] }, 'agents: there is no nobody; there are dash, data_fabcon, maya');
    await refused({ from: range.to, to: range.from }, '');
    await refused({ time_zone: 'Mars/Olympus' }, '');
  });
});

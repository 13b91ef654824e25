// What the design page shows: made up, the same at every visit.
import type { TaskStatus } from '@pulser/contracts';

export const statuses = [
  'queued',
  'scheduled',
  'running',
  'waiting',
  'retrying',
  'completed',
  'failed',
  'cancelled',
] as const satisfies readonly TaskStatus[];

export const agents = ['dash', 'data_fabcon', 'maya', 'echo', 'arkie', 'learnbot', 'pulser', 'acme_bot'] as const;

export interface SampleRow {
  readonly id: string;
  readonly status: TaskStatus;
  readonly agent: string;
  readonly operation: string;
  readonly ms: number;
}

const pick = <T>(list: readonly T[], at: number, otherwise: T): T => list[at % list.length] ?? otherwise;

/** Rows that look as if they were tasks. */
export const sampleRows = (count: number): readonly SampleRow[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `01a20706-61b3-75f5-bc08-${index.toString(16).padStart(12, '0')}`,
    status: pick(statuses, index * 7 + (index % 3), 'queued'),
    agent: pick(agents, index * 5, 'dash'),
    operation: pick(['query', 'forecast', 'report', 'ingest', 'http_checks'], index * 3, 'query'),
    ms: ((index * 7_919) % 90_000) + 3,
  }));

const hour = 3_600;
const start = Date.UTC(2026, 10, 1) / 1_000;

const wave = (index: number, size: number, shift: number): number =>
  Math.round(size * (1.2 + Math.sin((index + shift) / 5)) + ((index * 7_919 + shift * 31) % 13));

export const sampleData = {
  at: Array.from({ length: 48 }, (_, index) => start + index * hour),
  series: ['dash', 'maya', 'echo'].map((name, order) => ({
    name,
    values: Array.from({ length: 48 }, (_, index) => wave(index, 40 - order * 11, order * 9)),
  })),
};

/** What somebody could send to be interpreted. All of it has to be seen as it stands here. */
export const hostile = [
  '<script>globalThis.owned = 1</script>',
  '<img src=x onerror="globalThis.owned = 1">',
  '<svg onload="globalThis.owned = 1"><a href="javascript:globalThis.owned=1">x</a></svg>',
  '"><iframe srcdoc="<script>parent.owned=1</script>"></iframe>',
  '[link](javascript:globalThis.owned=1) ![picture](data:text/html,<script>owned=1</script>)',
  '<a href="javascript:globalThis.owned=1">link</a>',
  '{{constructor.constructor("globalThis.owned=1")()}} ${globalThis.owned=1}',
  '\u202Eevil.exe\u202C \u0000 \uFEFF',
] as const;

export const markdownSample = `# Report

Revenue rose by **12 %**, see [the source](https://example.com/data).

| region | total |
| ------ | ----: |
| north  |   160 |
| west   |    95 |

- [x] loaded
- [ ] reviewed

> A quotation, and \`code\`.

\`\`\`sql
select region, sum(amount) from sales group by region
\`\`\`

${hostile.join('\n\n')}
`;

export const jsonSample = {
  task_type: 'analytics',
  payload: {
    operation: 'query',
    sql: 'select 1',
    sources: [{ name: 'sales', rows: 4, columns: ['region', 'amount'] }],
  },
  ok: true,
  nothing: null,
  hostile,
  rows: Array.from({ length: 20_000 }, (_, index) => [index, `row ${index}`, index % 2 === 0]),
};

// The web page over a month of tasks: its pages in a real browser, the requests that they make, how smoothly they draw while
// changes stream in, and whether another tenant gets anything of it.
import { randomBytes } from 'node:crypto';

import { administer, type MigratedDatabase, type Tenant } from '@pulser/harness';
import { messageOf } from '@pulser/service-kit';
import type { Browser } from 'playwright-core';

import { type PulserRunning, startPulser } from '../contestants/pulser.contestant.js';
import { ApiRequests, foreignRows, timesOf } from '../dashboard/api-requests.js';
import { recordedFrames, recordFrames } from '../dashboard/frames.js';
import { registerAgents, seedContent, type SeededContent } from '../dashboard/seed-content.js';
import { foldAll, seedTasks } from '../dashboard/seed-tasks.js';
import { openBrowser, Visitor } from '../dashboard/visitor.js';
import { type Visit, visitsOf } from '../dashboard/visits.js';
import { askWell } from '../load/blast.js';
import { openLoop } from '../load/open-loop.js';
import { StreamClient } from '../load/stream-client.js';
import { whileRunning } from '../load/stretch.js';
import { figure, percentile, wholeNumber } from '../report/figures.policy.js';
import type { Finding } from '../report/report.js';
import type { Bench, Measurement } from './measurement.js';

const usualTasks = 1_000_000;
/** Of the first tenant, whose pages are looked at; the second has the others. */
const ownShare = 0.8;

/** Milliseconds. */
const targets = { cold: 3_000, warm: 1_000, api: 150, frameP99: 100, frameMax: 300 };

/** Each request of the API is sent so many times. */
const apiTimes = 20;

/** Some 500 changes: those of a task that does nothing often leave as one, which has its last state. */
const liveTasksPerS = 400;
const liveS = 20;

type Table = Finding['tables'][number];

const verdictOf = (found: number, most: number): string => (found <= most ? 'met' : 'missed');

/** Two tenants with words that only their rows have. */
const wordsOf = [`alpha${randomBytes(4).toString('hex')}`, `beta${randomBytes(4).toString('hex')}`] as const;

interface Seeded {
  readonly content: SeededContent;
  /** How long it took. */
  readonly note: string;
}

const seed = async ({ database, url, tenants }: MigratedDatabase, { options, say }: Bench): Promise<Seeded> => {
  const tasks = options.tasks ?? usualTasks;
  const [owner, stranger] = tenants;
  if (owner === undefined || stranger === undefined) throw new Error('there are no two tenants');
  const shares = [Math.round(tasks * ownShare), tasks - Math.round(tasks * ownShare)] as const;
  const started = performance.now();
  const at = (what: string): string => {
    const line = `${what} after ${Math.round((performance.now() - started) / 1_000)} s`;
    say(line);
    return line;
  };
  await seedTasks(database, [
    { tenantId: owner.id, tasks: shares[0], word: wordsOf[0] },
    { tenantId: stranger.id, tasks: shares[1], word: wordsOf[1] },
  ]);
  const steps = [at(`${wholeNumber(tasks)} tasks were there`)];
  await registerAgents(database);
  const content = await seedContent(database, owner.id, wordsOf[0], options.events);
  await seedContent(database, stranger.id, wordsOf[1], 1_000);
  steps.push(at('datasets, memories and the audit trail'));
  await foldAll(database);
  steps.push(at('the deltas were folded'));
  await administer(url, ['vacuum analyze', 'checkpoint']);
  steps.push(at('the tables were vacuumed'));
  return { content, note: `Seeded by set-based inserts through every trigger: ${steps.join(', ')}.` };
};

/** What is made through the API itself. */
const arrange = async (url: string, { key }: Tenant): Promise<void> => {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const send = async (method: string, path: string, body: object): Promise<void> => {
    const answer = await fetch(url + path, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  };
  for (let n = 0; n < 20; n += 1) await send('POST', '/api/v1/keys', { name: `key-${n}`, role: 'viewer' });
  for (let n = 0; n < 5; n += 1) await send('PUT', `/api/v1/secrets/secret-${n}`, { value: 'x'.repeat(20), hosts: [] });
  await send('PUT', '/api/v1/settings/task-labels', { value: ['customer', 'project'] });
  await send('POST', '/api/v1/agents/arkie/pause', { reason: 'The load test of the page' });
};

interface Place {
  readonly url: string;
  readonly owner: Tenant;
  readonly stranger: Tenant;
}

interface PageTimes {
  readonly visit: Visit;
  readonly cold: readonly number[];
  readonly warm: readonly number[];
}

/** A page in new profiles, and once more in each. Collects the requests of the first visit. @throws when its content does not come */
const timePage = async (
  browser: Browser,
  { url, owner }: Place,
  visit: Visit,
  requests: ApiRequests,
  times: number,
): Promise<PageTimes> => {
  const [cold, warm]: [number[], number[]] = [[], []];
  for (let n = 0; n < times; n += 1) {
    const visitor = await Visitor.logIn(browser, url, owner.key);
    try {
      if (n === 0) visitor.onRequest(requests.collect);
      cold.push(await visitor.open(visit));
      warm.push(await visitor.open(visit));
    } finally {
      await visitor.close();
    }
  }
  return { visit, cold, warm };
};

interface AllPages {
  readonly pages: readonly PageTimes[];
  readonly failures: string[];
}

/** One after the other; the failure of one does not affect the others. */
const timePages = async (
  browser: Browser,
  place: Place,
  visits: readonly Visit[],
  requests: ApiRequests,
  { options, say }: Bench,
): Promise<AllPages> => {
  const [pages, failures]: [PageTimes[], string[]] = [[], []];
  for (const visit of visits) {
    try {
      const page = await timePage(browser, place, visit, requests, options.rounds);
      const [cold, warm] = [page.cold, page.warm].map((all) => all.map((ms) => Math.round(ms)).join(' '));
      say(`${visit.name}: cold ${cold ?? ''}, warm ${warm ?? ''} ms`);
      pages.push(page);
    } catch (error) {
      failures.push(messageOf(error));
    }
  }
  return { pages, failures };
};

const pageTable = (times: readonly PageTimes[], note: string): Table => ({
  title: 'Pages of the dashboard, in Chromium',
  columns: [
    '',
    'cold p50 ms',
    'cold p95 ms',
    `of ${figure(targets.cold)}`,
    'warm p50 ms',
    'warm p95 ms',
    `of ${figure(targets.warm)}`,
  ],
  rows: times.map(({ visit, cold, warm }) => {
    const [coldP95, warmP95] = [percentile(cold, 0.95), percentile(warm, 0.95)];
    return [
      visit.name,
      figure(percentile(cold, 0.5)),
      figure(coldP95),
      verdictOf(coldP95, targets.cold),
      figure(percentile(warm, 0.5)),
      figure(warmP95),
      verdictOf(warmP95, targets.warm),
    ];
  }),
  notes: [
    `From the navigation until the content is there and nothing says that it is still being loaded. Cold: in a new profile that has logged in; warm: opened again in it. ${times[0]?.cold.length ?? 0} visits each, so that the p95 is the worst of up to 20.`,
    note,
  ],
});

const apiTable = async ({ owner }: Place, requests: ApiRequests): Promise<Table> => {
  const rows: { shape: string; times: number[] }[] = [];
  for (const [shape, asked] of requests.all) rows.push({ shape, times: await timesOf(asked, owner.key, apiTimes) });
  const slowest = rows.toSorted((a, b) => percentile(b.times, 0.95) - percentile(a.times, 0.95));
  return {
    title: 'Requests of the pages',
    columns: ['GET', 'p50 ms', 'p95 ms', 'max ms', `p95 of ${figure(targets.api)}`],
    rows: slowest.map(({ shape, times }) => {
      const p95 = percentile(times, 0.95);
      return [
        shape,
        figure(percentile(times, 0.5)),
        figure(p95),
        figure(Math.max(...times)),
        verdictOf(p95, targets.api),
      ];
    }),
    notes: [
      `Every request of the API that the pages above made, as they made it, but for streams: ${apiTimes} times each, one after the other, with no page open beside them. … stands for ids and cursors.`,
    ],
  };
};

interface Live {
  readonly row: string[];
  readonly failures: string[];
}

/** A page that is open while tasks of its tenant come and go. */
const drawLive = async (
  browser: Browser,
  running: PulserRunning,
  place: Place,
  visit: Visit,
  { options }: Bench,
): Promise<Live> => {
  const visitor = await Visitor.logIn(browser, place.url, place.owner.key);
  const [own, foreign] = await Promise.all([
    StreamClient.open(place.url, place.owner.key, true),
    StreamClient.open(place.url, place.stranger.key, true),
  ]);
  try {
    await visitor.open(visit);
    const [started, before] = [performance.now(), own.seen];
    await recordFrames(visitor.page);
    await openLoop(running, {
      perSecond: liveTasksPerS,
      tasks: liveTasksPerS * liveS,
      seed: options.seed,
      oneOf: Infinity,
    });
    const frames = await recordedFrames(visitor.page);
    const perS = ((own.seen - before) * 1_000) / (performance.now() - started);
    const [p99, most] = [percentile(frames, 0.99), Math.max(...frames)];
    return {
      row: [
        ...[visit.name, figure(perS), wholeNumber(frames.length), figure(percentile(frames, 0.5))],
        ...[figure(p99), verdictOf(p99, targets.frameP99), figure(most), verdictOf(most, targets.frameMax)],
      ],
      failures: foreign.seen === 0 ? [] : [`the stream of another tenant had ${foreign.seen} changes of this one`],
    };
  } finally {
    own.close();
    foreign.close();
    await visitor.close();
  }
};

const liveTable = (rows: readonly string[][]): Table => ({
  title: 'Pages while changes stream in',
  columns: [
    '',
    'changes a second',
    'frames',
    'p50 ms',
    'p99 ms',
    `of ${targets.frameP99}`,
    'max ms',
    `of ${targets.frameMax}`,
  ],
  rows: rows.map((row) => [...row]),
  notes: [
    `Milliseconds between two frames (requestAnimationFrame) over ${liveS} s, while ${liveTasksPerS} tasks a second of the tenant come, run and end; gateway, router, worker, both servers, the load and the browser share the cores.`,
  ],
});

const missedIn = (tables: readonly Table[]): string[] =>
  tables.flatMap(({ title, rows }) =>
    rows.filter((row) => row.includes('missed')).map(([name]) => `${title}: ${name ?? ''}`),
  );

const measureAll = async (running: PulserRunning, bench: Bench, { content, note }: Seeded): Promise<Finding> => {
  const [owner, stranger] = running.system.store.tenants;
  const [url] = running.system.urls('gateway');
  if (owner === undefined || stranger === undefined || url === undefined) throw new Error('there are no two tenants');
  const place: Place = { url, owner, stranger };
  await arrange(url, owner);
  await askWell({ url: `${url}/ui/`, method: 'GET', headers: {} });
  const [requests, visits] = [new ApiRequests(), visitsOf(content)];
  const browser = await openBrowser();
  try {
    const { pages, failures } = await timePages(browser, place, visits, requests, bench);
    const tables = [pageTable(pages, note), await apiTable(place, requests)];
    const foreign = await foreignRows(
      requests,
      { key: owner.key, word: wordsOf[0] },
      { key: stranger.key, word: wordsOf[1] },
    );
    const live: Live[] = [];
    for (const visit of visits.filter(({ isLive = false }) => isLive)) {
      // What was measured before is not lost with it.
      await drawLive(browser, running, place, visit, bench).then(
        (drawn) => live.push(drawn),
        (error: unknown) => failures.push(`${visit.name}, live: ${messageOf(error)}`),
      );
    }
    tables.push(liveTable(live.map(({ row }) => row)));
    const missed = missedIn(tables);
    const summary: Table = {
      title: 'Dashboard',
      columns: ['', 'found'],
      rows: [
        ['targets missed', `${missed.length}`],
        ['requests of the pages, of different shape', `${requests.all.length}`],
        ['foreign rows in answers to another tenant', `${foreign.length}`],
      ],
      notes: missed.map((one) => `Missed: ${one}`),
    };
    return {
      tables: [...tables, summary],
      failures: [...failures, ...foreign, ...live.flatMap(({ failures }) => failures)],
    };
  } finally {
    await browser.close();
  }
};

/** All of it on one seeded database. */
export const dashboard: Measurement = async (bench) => {
  let seeded: Seeded | undefined;
  const started = startPulser(bench.machine, {
    tenants: 2,
    variables: { SECRETS_KEY: randomBytes(32).toString('base64') },
    prepare: async (store) => {
      seeded = await seed(store, bench);
    },
  });
  return whileRunning(started, (running) => {
    if (seeded === undefined) throw new Error('nothing was seeded');
    return measureAll(running, bench, seeded);
  });
};

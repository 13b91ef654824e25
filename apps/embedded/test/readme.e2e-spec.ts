import { readFileSync } from 'node:fs';

import { Installation } from './installation.js';
import { treeMegabytes } from './process-tree.js';
import { type EndedTask, ReadmeCommands, sourceFile } from './readme.js';
import type { Started } from './started.js';

// Each answer holds a number that is computed here in another way, from the same public data.

const rowsOf = (csv: string): string[][] =>
  csv
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));

const publicData = (name: string): string[][] => rowsOf(sourceFile(`node_modules/vega-datasets/data/${name}`));

interface BackTest {
  readonly origins: number;
  readonly first_origin: string;
  readonly last_origin: string;
  readonly compared: number;
}

const monthOf = (date: string): number => {
  const [year = 0, month = 0] = date.split('-').map(Number);
  return year * 12 + month - 1;
};

/** Mean absolute error of "as it was at the origin" for so many months, over the origins of a back-test. */
const naiveError = (months: ReadonlyMap<number, number>, test: BackTest, horizon: number) => {
  const [first, last] = [monthOf(test.first_origin), monthOf(test.last_origin)];
  const step = test.origins > 1 ? (last - first) / (test.origins - 1) : 0;
  const errors = Array.from({ length: test.origins }, (_, n) => first + n * step).flatMap((origin) =>
    Array.from({ length: horizon }, (_, h) => {
      const [known, real] = [months.get(origin), months.get(origin + h + 1)];
      return known === undefined || real === undefined ? [] : [Math.abs(real - known)];
    }).flat(),
  );
  return { compared: errors.length, mae: errors.reduce((sum, error) => sum + error, 0) / errors.length };
};

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

const checks: Readonly<Record<string, (task: EndedTask, pulser: Started) => void | Promise<void>>> = {
  data_fabcon: ({ result }) => {
    const rows = publicData('seattle-weather.csv');
    const outside = rows.filter(([, , high]) => Number(high) < -1.5 || Number(high) > 35.5);
    expect(result).toMatchObject({ rows: rows.length, valid: false, passed: 1, failed: 1 });
    expect(result['rules']).toContainEqual(expect.objectContaining({ rule: 'range', failures: outside.length }));
  },
  dash: ({ result }) => {
    const months = new Map(publicData('co2-concentration.csv').map(([date = '', ppm]) => [monthOf(date), Number(ppm)]));
    const { compared, mae } = naiveError(months, result['back_test'] as BackTest, 12);
    const candidates = result['candidates'] as { model: string; mae: number }[];
    const { values, missing } = result['series'] as { values: number; missing: number };
    expect(values - missing).toBe(months.size);
    expect(result).toMatchObject({ verdict: 'better_than_naive', back_test: { compared } });
    expect(candidates.find(({ model }) => model === 'naive')?.mae).toBeCloseTo(mae, 9);
  },
  maya: ({ result }) => {
    const document = sourceFile('node_modules/@readme/oas-examples/3.0/json/petstore.json');
    const { paths } = JSON.parse(document) as { paths: Record<string, object> };
    const operations = Object.values(paths).flatMap((item) => Object.keys(item).filter((key) => methods.includes(key)));
    expect(result).toMatchObject({ title: 'Swagger Petstore', operations: operations.length });
  },
  arkie: ({ result }) => {
    const [, services = ''] = sourceFile('docker-compose.yml').split(/^services:\n/m);
    const [own = ''] = services.split(/^\w/m);
    expect(result).toMatchObject({ checked: [...own.matchAll(/^ {2}[\w-]+:\n/gm)].length, errors: 0 });
  },
  echo: async ({ result }, pulser) => {
    const document = await pulser.call<{ paths: Record<string, object> }>('/docs-json');
    expect(Object.keys(document.paths['/api/v1/tasks'] ?? {})).toHaveLength(2);
    expect(result).toMatchObject({ passed: true, counts: { steps: 3, passed: 3, requests: 3 } });
  },
  learnbot: async ({ result, task_id }, pulser) => {
    const { tasks } = await pulser.call<{ tasks: { task_id: string; status: string }[] }>('/api/v1/tasks?limit=100');
    const earlier = tasks.filter((task) => task.task_id !== task_id);
    expect(result['history']).toMatchObject({
      tasks: earlier.length,
      completed: earlier.filter(({ status }) => status === 'completed').length,
    });
  },
  pulser: async ({ result, task_id, assigned_agent }, pulser) => {
    const { tasks } = await pulser.call<{ tasks: { assigned_agent: string; status: string }[] }>(
      `/api/v1/tasks?parent_id=${task_id}`,
    );
    expect(tasks.map(({ status }) => status)).toEqual(Array(5).fill('completed'));
    const agents = [assigned_agent, ...tasks.map((task) => task.assigned_agent)];
    expect([...new Set(agents)].sort()).toEqual(['dash', 'data_fabcon', 'learnbot', 'maya', 'pulser']);
    const hottest = new Map<number, number>();
    for (const [date = '', , high] of publicData('seattle-weather.csv')) {
      const year = Number(date.slice(0, 4));
      hottest.set(year, Math.max(hottest.get(year) ?? -Infinity, Number(high)));
    }
    expect(result['hottest']).toEqual([...hottest]);
    expect(result['chart']).toMatch(/^artifact:[\da-f-]{36}\/chart\.svg$/);
  },
};

describe('the seven agents, by the commands of the README', () => {
  const installation = new Installation();
  const commands = new ReadmeCommands();
  const figures: string[] = [];
  let pulser: Started;

  beforeAll(async () => {
    pulser = await installation.running();
    figures.push(`memory of all processes, idle: ${treeMegabytes(pulser.serverPid)} MB`);
  }, 360_000);

  afterAll(async () => {
    await installation.remove();
    process.stdout.write(`embedded, all agents: ${figures.join('; ')}\n`);
  });

  it('are all there', () => {
    expect(commands.agents.toSorted()).toEqual(Object.keys(checks).toSorted());
  });

  it.each(commands.agents)(
    '%s gives an answer with a number that is right',
    async (agent) => {
      const task = commands.run(agent, pulser);
      expect(task).toMatchObject({ status: 'completed', assigned_agent: agent });
      await checks[agent]?.(task, pulser);
      for (const { href } of task.artifacts) {
        const response = await fetch(pulser.url + href, { headers: { authorization: `Bearer ${pulser.key}` } });
        expect({ href, status: response.status }).toEqual({ href, status: 200 });
        expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(100);
      }
    },
    240_000,
  );

  it('are there again after a restart, with what they keep', async () => {
    figures.push(`after all commands: ${treeMegabytes(pulser.serverPid)} MB`);
    await pulser.interrupt();
    const startedAt = performance.now();
    pulser = await installation.running();
    figures.push(`second start: ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);

    const { datasets } = await pulser.call<{ datasets: { name: string }[] }>('/api/v1/datasets');
    expect(datasets.map(({ name }) => name).toSorted()).toEqual(['co2', 'weather']);
    expect(readFileSync(`${installation.data}/api-key`, 'utf8').trim()).toBe(pulser.key);
  }, 240_000);
});

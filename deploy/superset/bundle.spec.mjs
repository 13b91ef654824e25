import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { migrateUp } from '@pulser/database';
import { testDatabase } from '@pulser/testing';
import { parse } from 'yaml';
import { workspaceRoot } from '../local/workspace.mjs';

// At the root is the older one of the linter.
const { Ajv2020 } = createRequire(join(workspaceRoot, 'libs/testing/package.json'))('ajv/dist/2020.js');

const folder = join(import.meta.dirname, 'bundle');
const schema = JSON.parse(readFileSync(join(import.meta.dirname, 'bundle.schema.json'), 'utf8'));
const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.yaml'));
const read = (name) => parse(readFileSync(join(folder, name), 'utf8'));
const of = (kind) => files.filter((name) => name.startsWith(`${kind}/`)).map(read);
const [datasets, charts, [dashboard]] = ['datasets', 'charts', 'dashboards'].map(of);

/** The part of the schema for a file: by its name, or by its folder. */
const partFor = (name) => (name in schema.$defs ? name : `${name.split('/')[0]}/`);

const ajv = new Ajv2020({ allErrors: true, strict: false });
const problemsOf = (name, content) => {
  const validate = ajv.compile({ $defs: schema.$defs, ...schema.$defs[partFor(name)] });
  return validate(content) ? [] : validate.errors;
};

describe('the bundle', () => {
  it.each(files)('%s is what the importer takes', (name) => {
    expect(problemsOf(name, read(name))).toEqual([]);
  });

  it('would be refused with a key that the importer does not know, or without a uuid', () => {
    const [chart] = charts;
    expect(problemsOf('charts/a.yaml', { ...chart, color: 'red' })).not.toEqual([]);
    expect(problemsOf('charts/a.yaml', { ...chart, uuid: 'no' })).not.toEqual([]);
  });

  it('has five charts, each of a dataset of the bundle, and each on the dashboard', () => {
    expect(charts).toHaveLength(5);
    const known = datasets.map(({ uuid }) => uuid);
    for (const { dataset_uuid: uuid } of charts) expect(known).toContain(uuid);
    const shown = Object.values(dashboard.position).flatMap((part) => part.meta?.uuid ?? []);
    expect(shown.sort()).toEqual(charts.map(({ uuid }) => uuid).sort());
  });

  it('asks charts for columns and metrics of their dataset only', () => {
    for (const { slice_name: name, dataset_uuid: uuid, params } of charts) {
      const { columns, metrics } = datasets.find((one) => one.uuid === uuid);
      const has = (list, key) => list.map((one) => one[key]);
      const asked = [params.x_axis, params.groupby, params.columns, params.all_columns].flat().filter(Boolean);
      expect({ name, missing: asked.filter((one) => !has(columns, 'column_name').includes(one)) }).toEqual({
        name,
        missing: [],
      });
      const unknown = (params.metrics ?? []).filter((one) => !has(metrics, 'metric_name').includes(one));
      expect({ name, unknown }).toEqual({ name, unknown: [] });
    }
  });

  it('names what the views of a database have', async () => {
    const database = await testDatabase(migrateUp);
    try {
      for (const { table_name: view, columns, metrics } of datasets) {
        const names = [...columns.map(({ column_name: name }) => name), ...metrics.map(({ expression }) => expression)];
        for (const name of names) await database.query(`select ${name} from ${view} limit 0`);
      }
    } finally {
      await database.drop();
    }
  });
});

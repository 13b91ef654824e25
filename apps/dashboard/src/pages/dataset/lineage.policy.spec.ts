import { datasetVersionOf, type KnownLineage, lineageOf, placed } from './lineage.policy.js';

const task = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const use = (reference: string, n = 0) => ({ task_id: task(n), reference, sha256: '', bytes: 1 });

const known: KnownLineage = {
  start: 'dataset:report@2',
  versions: new Map([
    [
      'dataset:report@2',
      { made_by: task(1), rows: 4, made_from: [use('dataset:sales@1'), use('dataset:regions@1')], used_by: [] },
    ],
    ['dataset:sales@1', { made_by: task(2), rows: 1_200, made_from: [use(`upload:${'ab'.repeat(32)}`)], used_by: [] }],
  ]),
  tasks: new Map([
    [
      task(1),
      { task_type: 'data_pipeline', operation: 'transform', assigned_agent: 'data_fabcon', status: 'completed' },
    ],
  ]),
};

describe('a lineage', () => {
  it('goes from uploads over tasks to the version, level by level', () => {
    const { nodes, edges } = lineageOf(known, 6);
    expect(nodes.map(({ level, title }) => [level, title])).toEqual([
      [-4, 'Uploaded file'],
      [-3, 'A task'],
      [-2, 'sales'],
      [-2, 'regions'],
      [-1, 'transform'],
      [0, 'report'],
    ]);
    expect(edges).toContainEqual({ from: 'dataset:sales@1', to: task(1) });
    expect(edges).toContainEqual({ from: task(1), to: 'dataset:report@2' });
    expect(nodes.find(({ title }) => title === 'sales')?.hint).toBe('version 1, 1,200 rows');
  });

  it('says so where a task opened nothing', () => {
    const versions = new Map([['dataset:a@1', { made_by: task(1), rows: 1, made_from: [], used_by: [] }]]);
    const { nodes } = lineageOf({ start: 'dataset:a@1', versions, tasks: known.tasks }, 6);
    expect(nodes[0]).toMatchObject({ level: -2, kind: 'elsewhere', place: `/tasks/${task(1)}` });
  });

  it('counts the readers that it does not show, each task once', () => {
    const used_by = [1, 1, 2, 3, 4].map((n) => use('dataset:a@1', 10 + n));
    const versions = new Map([['dataset:a@1', { made_by: task(1), rows: 1, made_from: [], used_by }]]);
    const { nodes } = lineageOf({ start: 'dataset:a@1', versions, tasks: new Map() }, 3);
    expect(nodes.filter(({ level }) => level === 1).map(({ title }) => title)).toEqual([
      'A task',
      'A task',
      'A task',
      '1 more',
    ]);
  });

  it('ends where a version is made of itself', () => {
    const versions = new Map([
      ['dataset:a@2', { made_by: task(1), rows: 1, made_from: [use('dataset:a@1')], used_by: [] }],
      ['dataset:a@1', { made_by: task(2), rows: 1, made_from: [use('dataset:a@1')], used_by: [] }],
    ]);
    expect(lineageOf({ start: 'dataset:a@2', versions, tasks: new Map() }, 3).nodes.length).toBeLessThan(6);
  });

  it('stands in columns that do not overlap', () => {
    const { boxes, width, height } = placed(lineageOf(known, 6));
    expect(new Set(boxes.map(({ x, y }) => `${x} ${y}`)).size).toBe(boxes.length);
    expect(Math.max(...boxes.map(({ x }) => x))).toBeLessThan(width);
    expect(Math.max(...boxes.map(({ y }) => y))).toBeLessThan(height);
  });
});

describe('a reference', () => {
  it.each([
    ['dataset:sales@3', { name: 'sales', version: 3 }],
    ['dataset:sales', undefined],
    ['upload:00', undefined],
  ])('%s', (reference, of) => {
    expect(datasetVersionOf(reference)).toEqual(of);
  });
});

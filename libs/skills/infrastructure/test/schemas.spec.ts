import { statSync } from 'node:fs';

import { closedSchemas, generateSchemas } from '../src/schemas/closed-schemas.js';

type Node = Readonly<Record<string, unknown>>;

const nodes = function* (value: unknown): Generator<Node> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Node;
  for (const member of Object.values(value)) yield* nodes(member);
};

const file = new URL('../dist/closed-schemas.js', import.meta.url);

describe('the schemas', () => {
  it('are closed wherever they have fields', async () => {
    const { kubernetes, 'app-platform': app } = await closedSchemas();
    const open = [...nodes(kubernetes.definitions), ...nodes(app)].filter(
      (node) => node['type'] === 'object' && !('additionalProperties' in node),
    );
    expect(open).toEqual([]);
  });

  it('refer to nothing that is not there', async () => {
    const { definitions } = (await closedSchemas()).kubernetes;
    const references = [...nodes(definitions)].flatMap(({ $ref }) => (typeof $ref === 'string' ? [$ref] : []));
    expect(references.length).toBeGreaterThan(1_000);
    const lost = references.filter((one) => !Object.hasOwn(definitions, one.replace('#/definitions/', '')));
    expect(lost).toEqual([]);
  });

  it('know the kinds of the API', async () => {
    const { kinds } = (await closedSchemas()).kubernetes;
    for (const kind of ['apps/v1/Deployment', 'v1/Pod', 'batch/v1/CronJob', 'policy/v1/PodDisruptionBudget'])
      expect(kinds[kind]).toMatch(/^IIoK8sApi/);
  });

  it('are made by the build, in the form in which they are read', async () => {
    const before = await closedSchemas();
    await generateSchemas();
    const made = (await import(`${file.href}?anew=${statSync(file).mtimeMs}`)) as { default: unknown };
    expect(made.default).toEqual(before);
  });
});

// Calls as nobody should make them, drawn from a seed: MCP_FUZZ_CALLS=10000 is the long form.
import { z } from 'zod';

import type { Caller } from '../src/calls/view.policy.js';
import { sees } from '../src/calls/view.policy.js';
import { CallsUnderTest, tokens } from './calls-under-test.js';

const calls = Number(process.env['MCP_FUZZ_CALLS'] ?? 400);
const seed = Number(process.env['MCP_FUZZ_SEED'] ?? 1);

/** Mulberry32: the same numbers for the same seed. */
const drawnFrom = (start: number) => {
  let state = start;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

const repo = { owner: z.string().regex(/^[a-z]+$/), repo: z.string().max(40) };

/** What may reach the server, written down a second time. */
const valid: Readonly<Record<string, z.ZodType>> = {
  repo_get: z.strictObject(repo),
  issue_create: z.strictObject({ ...repo, title: z.string() }),
  branch_create: z.strictObject({ ...repo, branch: z.string() }),
  workflow_dispatch: z.strictObject({ ...repo, workflow: z.string() }),
  pr_merge: z.strictObject({ ...repo, number: z.int().min(1) }),
};

const oddities: readonly unknown[] = [
  ...['', 'octocat', '../x', 'a'.repeat(5_000), '\u0000', '\ud800', '💥', '${env:HOME}', "'; drop table tool_call; --"],
  ...[0, -1, 1, 7, 1.5, 1e308, true, null, [], {}, [['x']], { constructor: 1 }, { deep: { deep: { deep: [] } } }],
  ...[tokens.first, `Bearer ${tokens.first}`, Buffer.from(tokens.first).toString('base64'), { token: tokens.first }],
];

const writings = [tokens.first, Buffer.from(tokens.first).toString('base64')];
const isSecret = (value: unknown): boolean => writings.some((writing) => JSON.stringify([value]).includes(writing));

describe(`${calls} calls of seed ${seed}`, () => {
  let world: CallsUnderTest;

  beforeAll(async () => {
    world = await CallsUnderTest.start({ operator: true });
  });

  afterAll(() => world.close());

  it('bring no invalid arguments to a server, none outside a view, and no secret into the log, the answers or the audit', async () => {
    const random = drawnFrom(seed);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    const tools = Object.keys(valid);
    const callers: Caller[] = [
      ...(await Promise.all(['arkie', 'echo', 'dash', 'pulser', 'greeter'].map((agent) => world.task(agent)))),
      ...[await world.task('pulser', world.second), await world.holder(), await world.holder(['github__*'])],
    ];
    // What another tenant writes of its own accord is no secret of the first that got out.
    const ofOthers = oddities.filter((one) => !isSecret(one));
    const given = (tool: string, odd: readonly unknown[]): Record<string, unknown> => {
      const base: Record<string, unknown> = { owner: 'octocat', repo: 'hello' };
      const own = { issue_create: 'title', branch_create: 'branch', workflow_dispatch: 'workflow' }[tool];
      if (own !== undefined) base[own] = 'main';
      if (tool === 'pr_merge') base['number'] = 7;
      const changes = Math.floor(random() * 3);
      for (let n = 0; n < changes; n += 1) {
        const name = pick([...Object.keys(base), 'more', 'toString', 'password']);
        if (random() < 0.2) base[name] = undefined;
        else base[name] = pick(odd);
      }
      return JSON.parse(JSON.stringify(base)) as Record<string, unknown>;
    };
    const answers: string[] = [];
    const outside: string[] = [];
    for (let n = 0; n < calls; n += 1) {
      const [caller, tool] = [pick(callers), pick(tools)];
      world.fixture.behaviour = pick(['answer', 'answer', 'answer', 'leak', 'break', 'not_found', 'other_shape']);
      const name = random() < 0.02 ? pick(['github__nothing', 'constructor', '__proto__']) : `github__${tool}`;
      const before = world.sent.length;
      const key = random() < 0.3 ? { idempotencyKey: `k${Math.floor(random() * 20)}` } : {};
      answers.push(
        JSON.stringify(
          await world.call(caller, name, given(tool, caller.tenantId === world.first ? oddities : ofOthers), key),
        ),
      );
      const found = world.registry.find(name);
      if (world.sent.length > before && (found === undefined || !sees(caller, found))) outside.push(name);
    }
    const invalid = world.sent.filter(({ tool, given: sent }) => valid[tool]?.safeParse(sent).success !== true);
    expect([invalid, outside]).toEqual([[], []]);
    expect(world.sent.length).toBeGreaterThan(calls / 20);
    const rows = [...(await world.rows()), ...(await world.rows(world.second))];
    expect(rows.length).toBeGreaterThan(calls * 0.9);
    const said = [...answers, ...world.lines, JSON.stringify(rows)].join('\n');
    for (const secret of [
      tokens.first,
      tokens.operator,
      Buffer.from(tokens.first).toString('base64').replace(/=+$/, ''),
    ])
      expect(said.includes(secret)).toBe(false);
  });
});

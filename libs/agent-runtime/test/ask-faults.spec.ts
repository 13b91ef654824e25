// Questions to a model whose server fails at random: what the ledger has is what the server was asked. `FAULTY_ASKS` is how many
// questions, 500 in the lane; `FAULT_SEED` decides the faults.
import { SpendReads } from '@pulser/context-bus';
import { calls, type ModelReply, ModelServer, says } from '@pulser/testing/models';

import { threadedSkill } from './threaded.skill.js';
import { Worker } from './worker.js';

const count = Number(process.env['FAULTY_ASKS'] ?? 6);
const seed = Number(process.env['FAULT_SEED'] ?? 7);
const usage = { inputTokens: 20, outputTokens: 10 };

const faults: readonly ModelReply[] = [
  { kind: 'status', status: 500 },
  { kind: 'status', status: 429, retryAfterS: 0 },
  { kind: 'reset' },
  { kind: 'half', text: 'It is, I would say, about' },
];

/** Numbers between 0 and 1, the same ones for a seed: https://en.wikipedia.org/wiki/Linear_congruential_generator */
const numbersFrom = (from: number): (() => number) => {
  let state = from;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
};

/** Whether a request that may be sent again fails, by the number of failures before it: the third would be the last try. */
const failureOf = (next: () => number, inARow: number): ModelReply | undefined =>
  inARow < 2 && next() < 0.35 ? faults[Math.floor(next() * faults.length)] : undefined;

describe('an agent whose model fails at random', () => {
  let server: ModelServer;
  let worker: Worker;

  beforeAll(async () => {
    server = await ModelServer.start(() => says('unused'));
    worker = await Worker.start(
      { LLM_BASE_URL: server.url, LLM_MODEL: 'tester', LLM_PRICES: '{"tester": {"input": 1, "output": 1}}' },
      threadedSkill,
    );
  });

  afterAll(async () => {
    await worker.stop();
    await server.stop();
  });

  /** One question with a tool in between, or without. @returns requests at the server, and in the ledger */
  const asked = async (next: () => number, n: number): Promise<readonly [number, number]> => {
    let inARow = 0;
    const usesTool = next() < 0.5;
    server.follow(({ messages }) => {
      const fault = failureOf(next, inARow);
      inARow = fault === undefined ? 0 : inARow + 1;
      if (fault !== undefined) return fault;
      const isFirst = !messages.some(({ role }) => role === 'tool');
      return usesTool && isFirst ? calls({ name: 'echo', arguments: { value: n } }) : says(`Answer ${n}.`, usage);
    });
    const { taskId, result } = await worker.run({ operation: 'ask', question: `What is number ${n}?` }, 'completed');
    expect(result).toMatchObject({ answer: `Answer ${n}.` });
    const ledger = await new SpendReads(worker.database).callsOf(worker.tenantId, taskId);
    const charged = ledger.reduce((sum, { micros }) => sum + micros, 0);
    expect(charged).toBeGreaterThanOrEqual(server.charged.inputTokens + server.charged.outputTokens);
    return [server.asked.length, ledger.length];
  };

  it(
    `enters every request that the server gets, once (${count} questions)`,
    async () => {
      const next = numbersFrom(seed);
      let requests = 0;
      for (let n = 0; n < count; n += 1) {
        const [atServer, inLedger] = await asked(next, n);
        expect([n, inLedger]).toEqual([n, atServer]);
        requests += atServer;
      }
      expect(requests).toBeGreaterThan(count);
      process.stdout.write(`${count} questions, ${requests} requests at the server and in the ledger\n`);
    },
    60_000 + count * 10_000,
  );
});

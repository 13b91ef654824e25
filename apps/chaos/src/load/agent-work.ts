// Work for the agents that come with Pulser: small tasks whose answer is known beforehand.
import type { Random } from '@pulser/harness';
import { agents } from '@pulser/roster';

/** A value of a result. */
export interface ExpectedAnswer {
  /** The way to it: names of members, indexes of items. */
  readonly at: readonly string[];
  readonly is: unknown;
}

export interface AgentWork {
  readonly taskType: string;
  readonly payload: Readonly<Record<string, unknown>> & { readonly operation: string };
  readonly answer: ExpectedAnswer;
}

/** Nothing listens there: port 1 is that of a service that no system has any more. */
export const silentOrigin = 'http://127.0.0.1:1';

/** One for each agent: `orders.policy.spec.ts` names those without. */
const works: readonly ((random: Random) => AgentWork)[] = [
  (random) => {
    const count = random.whole(10, 2_000);
    const rows = Array.from({ length: count }, (_, n) => `${n},${n % 7}`).join('\n');
    return {
      taskType: 'analytics',
      payload: {
        operation: 'query',
        sources: [{ name: 'numbers', format: 'csv', content: `n,day\n${rows}\n` }],
        sql: 'select sum(n)::bigint as total from numbers',
      },
      answer: { at: ['rows', '0', '0'], is: (count * (count - 1)) / 2 },
    };
  },
  (random) => {
    const count = random.whole(1, 12);
    const services = Array.from({ length: count }, (_, n) => `  web-${n}:\n    image: nginx:1.29.${n}\n`).join('');
    return {
      taskType: 'infrastructure',
      payload: {
        operation: 'validate',
        format: 'compose',
        documents: [{ name: 'compose.yml', content: `services:\n${services}` }],
      },
      answer: { at: ['checked'], is: count },
    };
  },
  (random) => {
    const count = random.whole(1, 12);
    const paths: Record<string, object> = {};
    for (let n = 0; n < count; n += 1) paths[`/things-${n}`] = { get: { responses: {} } };
    const content = { openapi: '3.1.0', info: { title: 'Things', version: '1' }, paths };
    return {
      taskType: 'documentation',
      payload: { operation: 'api_reference', document: { name: 'things', content } },
      answer: { at: ['operations'], is: count },
    };
  },
  (random) => {
    const count = random.whole(1, 500);
    const rows = Array.from({ length: count }, (_, n) => `${n},${n % 7}`).join('\n');
    return {
      taskType: 'data_pipeline',
      payload: { operation: 'ingest', dataset: 'chaos', source: { content: `n,day\n${rows}\nno row\n` } },
      answer: { at: ['rows_ok'], is: count },
    };
  },
  (random) => {
    // What it finds is known where nothing answers.
    const count = random.whole(1, 12);
    const steps = Array.from({ length: count }, (_, n) => ({ name: `step ${n}`, path: `/${n}` }));
    return {
      taskType: 'testing',
      payload: { operation: 'http_checks', base_url: silentOrigin, steps },
      answer: { at: ['counts', 'failed'], is: count },
    };
  },
  (random) => {
    // What was done is not known beforehand, but whose tasks were read is.
    const taskType = random.pick(['analytics', 'documentation', 'infrastructure']);
    const bounds = { max_tasks: 10, cluster_sample: 0, keep: false };
    return {
      taskType: 'skills_mining',
      payload: { operation: 'mine', task_type: taskType, ...bounds },
      answer: { at: ['memory', 'subject'], is: `mined: ${taskType}` },
    };
  },
];

export const agentWork = (random: Random): AgentWork => random.pick(works)(random);

/** The same for one agent. @throws RangeError for one without */
export const agentWorkOf = (agent: string, random: Random): AgentWork => {
  const types = agents.find(({ name }) => name === agent)?.taskTypes.map(({ name }): string => name) ?? [];
  return random.pick(works.map((make) => make(random)).filter(({ taskType }) => types.includes(taskType)));
};

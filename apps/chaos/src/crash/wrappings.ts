import { ServerResponse } from 'node:http';

import { TaskBacklog, TaskClaims, TaskIntake, TaskResults, TaskSweep } from '@pulser/context-bus';
import { Publisher } from '@pulser/messaging';
import pg from 'pg';

import { Effects } from '../worker/effects.js';
import type { CrashStepName } from './crash-step.js';
import type { Wrapping } from './wrap.js';

const some = (outcome: unknown): boolean => Array.isArray(outcome) && outcome.length > 0;

const isSubmission = ([key]: readonly unknown[]): boolean => key === 'tasks.submitted';
const isLast = ([, , retryAfterMs]: readonly unknown[]): boolean => retryAfterMs === undefined;

// Not exported: nobody but the consumer holds one.
const deliveryModule = new URL('./rabbit/rabbit-delivery.js', import.meta.resolve('@pulser/messaging'));

const deliveryClass = async (): Promise<object> => {
  const found: unknown = Reflect.get((await import(deliveryModule.href)) as object, 'RabbitDelivery');
  if (typeof found !== 'function') throw new TypeError('crash point: there is no RabbitDelivery any more');
  return found.prototype as object;
};

/** Where in the libraries each step is taken. */
export const wrappings = async (): Promise<Readonly<Record<CrashStepName, Wrapping>>> => ({
  insert: { owner: TaskIntake.prototype, method: 'insertAll' },
  commit: { owner: pg.Client.prototype, method: 'query', when: ([text]) => text === 'commit' },
  publish: { owner: Publisher.prototype, method: 'publish', when: isSubmission, after: 'call' },
  confirm: { owner: Publisher.prototype, method: 'publish', when: isSubmission },
  answer: {
    owner: ServerResponse.prototype,
    method: 'end',
    when: (_, self) => (self as ServerResponse).statusCode === 202,
  },
  route: { owner: Publisher.prototype, method: 'dispatch' },
  take: { owner: TaskBacklog.prototype, method: 'take', counts: some },
  'sweep-start': { owner: TaskSweep.prototype, method: 'start', counts: some },
  'sweep-lose': { owner: TaskSweep.prototype, method: 'lose', counts: some },
  'sweep-late': { owner: TaskSweep.prototype, method: 'late', counts: some },
  claim: { owner: TaskClaims.prototype, method: 'claim' },
  renew: { owner: TaskClaims.prototype, method: 'renew' },
  takeOver: { owner: TaskClaims.prototype, method: 'takeOver' },
  release: { owner: TaskClaims.prototype, method: 'release' },
  effect: { owner: Effects.prototype, method: 'have' },
  result: { owner: TaskResults.prototype, method: 'complete' },
  retry: { owner: TaskResults.prototype, method: 'fail', when: (args) => !isLast(args) },
  'dead-letter': { owner: TaskResults.prototype, method: 'fail', when: isLast },
  ack: { owner: await deliveryClass(), method: 'ack' },
});

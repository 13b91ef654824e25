import { createHash } from 'node:crypto';

import { deadLetterReasons, jsonLimits, TaskType } from '@pulser/contracts';
import type { RawDeadLetter } from '@pulser/context-bus';
import type { Delivery } from '@pulser/messaging';
import { redact } from '@pulser/service-kit';

import { type Burial, burialOf } from './burial.policy.js';
import { keptHeaders, storableText } from './kept-headers.policy.js';

/** A message in `dead-letters`; its routing key there is the queue it lay in. */
export type BuriedMessage = Pick<Delivery, 'body' | 'headers' | 'messageId' | 'routingKey'>;

const hash = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

const shown = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : redact(storableText(text));

const parsed = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
};

const taskTypeOf = (body: Buffer): TaskType | undefined => {
  const order = body.length <= jsonLimits.maxBytes ? parsed(body) : undefined;
  if (typeof order !== 'object' || order === null) return undefined;
  return TaskType.safeParse(Reflect.get(order, 'task_type')).data;
};

type Keys = Pick<RawDeadLetter, 'burialKey' | 'messageKey'>;

// The mark differs between burials: a message whose burial was not confirmed is buried again, under another mark.
const keysOf = ({ messageId, routingKey, body }: BuriedMessage, { mark, ...burial }: Burial, tenantId = ''): Keys => {
  const same = [messageId, routingKey, burial.routingKey, burial.reason, hash(body)];
  return {
    burialKey: hash(JSON.stringify([mark, ...same])),
    messageKey: messageId === undefined ? undefined : hash(JSON.stringify([tenantId, ...same])),
  };
};

/** A buried message as it is kept. @param tenantId of its key, when that is valid */
export const rawLetterOf = (message: BuriedMessage, tenantId: string | undefined): RawDeadLetter => {
  const burial = burialOf(message.headers);
  const { reason, detail, routingKey } = burial;
  return {
    tenantId,
    taskType: taskTypeOf(message.body),
    reason,
    error: { code: reason, message: shown(detail) ?? deadLetterReasons[reason], permanent: true },
    sourceQueue: storableText(message.routingKey),
    routingKey: shown(routingKey),
    messageId: shown(message.messageId),
    headers: keptHeaders(message.headers),
    body: message.body,
    ...keysOf(message, burial, tenantId),
  };
};

// Secrets that handlers ask for by name: which of them a handler gets, for what, and what it must not say since. The same in
// a worker and in the test kit.
import { createReadStream } from 'node:fs';

import { keptText, mayBeSentTo, SecretHosts, TaskError } from '@pulser/contracts';

import type { TaskContext } from '../skills/task-context.js';
import type { HostCalls } from './handler-context.js';
import type { Redaction } from './redaction.policy.js';

/** A secret as it is kept. */
export interface FoundSecret {
  readonly value: string;
  /** As the API has them. */
  readonly hosts: readonly unknown[];
}

/** @throws TaskError `secret_unavailable` */
export type FindSecret = (name: string) => Promise<FoundSecret>;

export const secretUnavailable = (message: string, reason: string, permanent = true): TaskError =>
  new TaskError('secret_unavailable', message, { details: { reason }, permanent });

/** A name from a payload, for a message. */
export const shownName = (name: string): string => keptText(name, 80);

/**
 * What a handler calls for a secret. It gets the value for a URL that the secret allows; before it has it, the redaction
 * knows it.
 */
export const secretCall =
  (find: FindSecret, redaction: Redaction): TaskContext['secret'] =>
  async (name, url) => {
    const { value, hosts } = await find(name);
    const target = URL.parse(url);
    if (target === null || !mayBeSentTo(target, SecretHosts.safeParse(hosts).data ?? [])) {
      const where = target === null ? 'there' : target.origin;
      throw secretUnavailable(
        `The secret ${shownName(name)} may not be sent to ${where}: an administrator of the tenant names its hosts, ` +
          `with PUT /api/v1/secrets/${shownName(name)}`,
        'host_not_allowed',
      );
    }
    redaction.add(name, value);
    return value;
  };

/** For operations that do not declare it. */
export const noSecrets: TaskContext['secret'] = () =>
  Promise.reject(secretUnavailable('This operation does not say that it uses secrets', 'not_declared'));

type AnyCall = (...args: readonly unknown[]) => unknown;

/** The calls of an attempt that may be given secrets: whatever a handler hands on is redacted, or refused as a file. */
export const withoutSecretsIn = (calls: HostCalls, redaction: Redaction): HostCalls => {
  const entries = Object.entries(calls as unknown as Readonly<Record<string, AnyCall>>);
  const redacted = Object.fromEntries(
    entries.map(([name, call]) => [name, (...args: readonly unknown[]) => call(...redaction.value(args))]),
  ) as unknown as HostCalls;
  return {
    ...redacted,
    keepFile: async (name, mediaType, path) => {
      await refuseSecretsIn(path, redaction);
      await redacted.keepFile(name, mediaType, path);
    },
  };
};

/** @throws TaskError when the file holds a secret that the attempt was given */
const refuseSecretsIn = async (path: string, redaction: Redaction): Promise<void> => {
  if (redaction.isEmpty) return;
  let tail = Buffer.alloc(0);
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    const window = Buffer.concat([tail, chunk]);
    if (redaction.bytes(window) !== window)
      throw new TaskError('handler_failed', 'A file that it wanted to keep holds a secret', { permanent: true });
    // In UTF-8 a character takes up to four bytes.
    tail = window.subarray(Math.max(0, window.length - 4 * redaction.reach));
  }
};

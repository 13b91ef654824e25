// What comes with a call besides its arguments. Only the coordinator sends it, to servers of its own.
import { z } from 'zod';

export const callMetaKeys = {
  variables: 'io.pulser/variables',
  tenant: 'io.pulser/tenant',
  idempotencyKey: 'io.pulser/idempotency-key',
  host: 'io.pulser/host',
  privateAddresses: 'io.pulser/private-addresses',
} as const;

/** On a tool's definition: what the coordinator has to send with a call. */
export const needsHostKey = 'io.pulser/needs-host';
/** On the list of tools: the variables of the server. */
export const variablesKey = 'io.pulser/variables';
/** On the answer to a call that failed: code, message, retry_after_s. */
export const errorKey = 'io.pulser/error';

const CallMeta = z.object({
  [callMetaKeys.variables]: z.record(z.string(), z.string()).optional(),
  [callMetaKeys.tenant]: z.string().optional(),
  [callMetaKeys.idempotencyKey]: z.string().max(200).optional(),
  [callMetaKeys.host]: z.unknown().optional(),
  [callMetaKeys.privateAddresses]: z.boolean().optional(),
});

export interface CallMeta {
  /** Undefined: the server acts for whom it was started by, with its own environment. */
  readonly variables: Readonly<Record<string, string>> | undefined;
  readonly tenant: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly host: unknown;
  readonly privateAddresses: boolean;
}

/** The part of a request's `_meta` that is Pulser's. @throws ZodError */
export const callMetaOf = (meta: unknown): CallMeta => {
  const parsed = CallMeta.parse(meta ?? {});
  return {
    variables: parsed[callMetaKeys.variables],
    tenant: parsed[callMetaKeys.tenant],
    idempotencyKey: parsed[callMetaKeys.idempotencyKey],
    host: parsed[callMetaKeys.host],
    privateAddresses: parsed[callMetaKeys.privateAddresses] ?? false,
  };
};

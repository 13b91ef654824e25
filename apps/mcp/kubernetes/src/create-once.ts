// A new object, made once for all tries of one intended call.
import { createHash } from 'node:crypto';

import type { V1ObjectMeta } from '@kubernetes/client-node';
import { ToolError, type ToolCallContext } from '@pulser/mcp-server-kit';

/** Says which intended call has made an object; a hash, for a key may have characters that no annotation shows. */
const keyAnnotation = 'pulser.io/idempotency-key';

interface KubernetesObject {
  metadata?: V1ObjectMeta;
}

/** Of a body that is made for this request alone. */
const mark = (body: KubernetesObject, key: string): void => {
  const metadata = (body.metadata ??= {});
  metadata.annotations = { ...metadata.annotations, [keyAnnotation]: key };
};

/**
 * Creates an object. Where one of its name exists, it is the answer if an earlier try of the same call has made it.
 * @throws ToolError conflict
 */
export const createOnce = async <Body extends KubernetesObject>(
  { idempotencyKey }: Pick<ToolCallContext, 'idempotencyKey'>,
  body: Body,
  { create, read }: { readonly create: (body: Body) => Promise<Body>; readonly read: () => Promise<Body> },
): Promise<Body> => {
  const key = idempotencyKey === undefined ? undefined : createHash('sha256').update(idempotencyKey).digest('hex');
  if (key !== undefined) mark(body, key);
  try {
    return await create(body);
  } catch (error) {
    if (key === undefined || !(error instanceof ToolError) || error.code !== 'conflict') throw error;
    const found = await read();
    if (found.metadata?.annotations?.[keyAnnotation] !== key) throw error;
    return found;
  }
};

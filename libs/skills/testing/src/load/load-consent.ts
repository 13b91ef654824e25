// Whether a host agrees to load tests of this tenant: what it serves at /.well-known/pulser says so.
import type { OutgoingRoute } from '@pulser/outgoing/client';
import { z } from 'zod';

import { type Targets, unanswered } from '../targets/targets.js';
import { testingErrors } from '../testing-errors.js';

export const consentPath = '/.well-known/pulser';
const maxBytes = 16_384;

/** What a host serves there. Other members are for other things, and ignored. */
export const HostConsent = z.object({
  load_test: z.object({
    /** Ids of the tenants that may, as `GET /api/v1/me` shows them. */
    tenants: z.array(z.string()).max(1_000),
    /** Requests a second that each of them may send. */
    max_rate: z.int().min(1).optional(),
  }),
});

/**
 * Asks the host at the very address that the load goes to.
 * @throws TaskError `load_not_agreed`, and what `Targets.ask` throws for a host that is not allowed
 */
export const requireConsent = async (
  url: URL,
  { tenantId, rate, signal }: { readonly tenantId: string; readonly rate: number; readonly signal: AbortSignal },
  { targets, via }: { readonly targets: Targets; readonly via: OutgoingRoute },
): Promise<void> => {
  const refusal = (why: string): Error =>
    testingErrors.error(
      'load_not_agreed',
      `${url.origin} does not agree to a load test: ${why}. It must serve, at ${consentPath}, ` +
        `{"load_test": {"tenants": ["${tenantId}"]}} as JSON`,
      { details: { origin: url.origin, tenant_id: tenantId } },
    );
  const consent = await read(new URL(consentPath, url.origin), { targets, via, signal, refusal });
  if (!consent.load_test.tenants.includes(tenantId)) throw refusal('it does not name this tenant');
  const { max_rate: most } = consent.load_test;
  if (most !== undefined && rate > most)
    throw refusal(`it takes at most ${most} requests a second, and ${rate} are asked for`);
};

const read = async (
  url: URL,
  {
    targets,
    via,
    signal,
    refusal,
  }: { targets: Targets; via: OutgoingRoute; signal: AbortSignal; refusal: (why: string) => Error },
): Promise<z.infer<typeof HostConsent>> => {
  const answer = await targets
    .ask(url, { via, signal, maxBytes, redirect: 'manual' })
    .then((answered) => answered.answer)
    .catch((error: unknown) => {
      signal.throwIfAborted();
      throw refusal(`no answer (${unanswered(error)})`);
    });
  if (answer.status !== 200) throw refusal(`it answers ${answer.status}`);
  try {
    return HostConsent.parse(answer.json());
  } catch {
    throw refusal('what it serves is not of this form');
  }
};

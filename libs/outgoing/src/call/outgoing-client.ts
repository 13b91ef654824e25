import { type HostLookup, systemLookup } from '../address/host-lookup.js';
import { routeTo } from '../address/route.js';
import { asOutgoing } from '../errors/as-outgoing.js';
import { OutgoingFailed } from '../errors/outgoing-failed.js';
import { OutgoingRefused } from '../errors/outgoing-refused.js';
import { targetOf } from '../url/target.policy.js';
import { withDeadline } from './deadline.js';
import { exchange, type Exchange, type ExchangeOrder } from './exchange.js';
import { headersOf } from './header.policy.js';
import type { Hop } from './hop.js';
import type { OutgoingRequest } from './outgoing-request.js';
import { OutgoingResponse } from './outgoing-response.js';
import type { OutgoingRules } from './outgoing-rules.js';
import { leadsOn, nextHop } from './redirect.policy.js';

/** What every hop of one call shares. */
interface Call {
  readonly signal: AbortSignal;
  readonly maxBytes: number;
  readonly follows: boolean;
}

/** The one way to addresses that somebody outside can choose. */
export class OutgoingClient {
  /** @param lookup how host names become addresses */
  constructor(
    private readonly rules: OutgoingRules,
    private readonly lookup: HostLookup = systemLookup,
  ) {}

  /**
   * Asks for a URL and returns the complete answer, whatever its status.
   * @throws OutgoingRefused when the URL, a redirect or a header is not allowed; OutgoingFailed when no usable answer comes;
   * the reason of `signal` when it fires
   */
  async request(url: string | URL, request: OutgoingRequest = {}): Promise<OutgoingResponse> {
    const { method = 'GET', body = null } = request;
    const first: Hop = { url: targetOf(String(url), this.rules), method, body, headers: headersOf(request.headers) };
    const maxBytes = Math.min(request.maxBytes ?? Infinity, this.rules.maxBytes);
    const ms = Math.min(request.timeoutMs ?? Infinity, this.rules.timeoutMs);
    const late = (): Error => new OutgoingFailed('timed_out', { origin: first.url.origin, limit: `${ms} ms` });
    return withDeadline({ ms, caller: request.signal, late }, (signal) =>
      this.follow(first, { signal, maxBytes, follows: request.redirect !== 'manual' }),
    );
  }

  private async follow(first: Hop, call: Call): Promise<OutgoingResponse> {
    let hop = first;
    for (let followed = 0; ; followed += 1) {
      const answer = await this.ask(hop, call);
      const next = call.follows ? nextHop(hop, answer.status, answer.headers['location']) : undefined;
      if (next === undefined) return new OutgoingResponse({ ...answer, url: hop.url.href });
      if (followed === this.rules.maxRedirects)
        throw new OutgoingRefused('too_many_redirects', { origin: hop.url.origin, limit: `${followed} redirects` });
      hop = { ...next, url: targetOf(next.url, this.rules) };
    }
  }

  private async ask(hop: Hop, { signal, maxBytes, follows }: Call): Promise<Exchange> {
    const { allowed, idleMs } = this.rules;
    try {
      const addresses = await routeTo(hop.url, { lookup: this.lookup, allowed });
      signal.throwIfAborted();
      const wantsBody: ExchangeOrder['wantsBody'] = (status, { location }) => !follows || !leadsOn(status, location);
      return await exchange({ hop, addresses, idleMs, maxBytes, signal, wantsBody });
    } catch (error) {
      throw signal.aborted ? (signal.reason as Error) : asOutgoing(error, hop.url.origin);
    }
  }
}

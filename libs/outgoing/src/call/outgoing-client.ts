// The client: checks a URL, follows redirects hop by hop, keeps the limits of a call.
import type { AllowEntry } from '../address/reachable.policy.js';
import { type HostLookup, type OutgoingRoute, systemLookup, routeTo } from '../address/route.js';
import { type TargetRules, targetOf } from '../address/target.policy.js';
import { asOutgoing, OutgoingFailed, OutgoingRefused } from '../errors.js';
import { exchange, type Exchange, type ExchangeOrder } from './exchange.js';
import { headersOf, type OutgoingRequest } from './outgoing-request.js';
import { OutgoingResponse } from './outgoing-response.js';
import { type Hop, leadsOn, nextHop } from './redirect.policy.js';

/** Allowed targets and limits of calls. */
export interface OutgoingRules extends TargetRules {
  /** Hosts and blocks that may be reached although they are not public. */
  readonly allowed: readonly AllowEntry[];
  /** Milliseconds for a whole call with its redirects. */
  readonly timeoutMs: number;
  /** Milliseconds without a byte. */
  readonly idleMs: number;
  /** Of an answer's body, decoded. */
  readonly maxBytes: number;
  readonly maxRedirects: number;
}

/** Shared by all hops of one call. */
interface Call {
  readonly signal: AbortSignal;
  readonly maxBytes: number;
  readonly follows: boolean;
  readonly approve: OutgoingRequest['approve'];
  readonly via: OutgoingRoute | undefined;
}

/** The only client for addresses that users choose. */
export class OutgoingClient {
  /** @param lookup how host names become addresses */
  constructor(
    private readonly rules: OutgoingRules,
    private readonly lookup: HostLookup = systemLookup,
  ) {}

  /**
   * Requests a URL and returns the complete answer, whatever its status.
   * @throws OutgoingRefused when the URL, a redirect or a header is not allowed; OutgoingFailed when no usable answer comes;
   * the reason of `signal` when it fires
   */
  async request(url: string | URL, request: OutgoingRequest = {}): Promise<OutgoingResponse> {
    const { method = 'GET', body = null } = request;
    const first: Hop = { url: targetOf(String(url), this.rules), method, body, headers: headersOf(request.headers) };
    const maxBytes = Math.min(request.maxBytes ?? Infinity, this.rules.maxBytes);
    const ms = Math.min(request.timeoutMs ?? Infinity, this.rules.timeoutMs);
    const late = (): Error => new OutgoingFailed('timed_out', { origin: first.url.origin, limit: `${ms} ms` });
    const { approve, via } = request;
    return withDeadline({ ms, caller: request.signal, late }, (signal) =>
      this.follow(first, { signal, maxBytes, follows: request.redirect !== 'manual', approve, via }),
    );
  }

  /**
   * Checks a URL and its host, and sends nothing. Whoever makes connections of its own uses the first address of the
   * route, and requests that have to reach the same machine go `via` it: a second look-up could lead elsewhere.
   * @throws OutgoingRefused when the URL is not allowed; OutgoingFailed when its name is not known
   */
  async route(url: string | URL): Promise<OutgoingRoute> {
    const target = targetOf(String(url), this.rules);
    const { allowed, origins = [] } = this.rules;
    try {
      const addresses = await routeTo(target, { lookup: this.lookup, allowed, origins });
      return { origin: target.origin, addresses };
    } catch (error) {
      throw asOutgoing(error, target.origin);
    }
  }

  private async follow(first: Hop, call: Call): Promise<OutgoingResponse> {
    let hop = first;
    for (let followed = 0; ; followed += 1) {
      call.approve?.(hop.url);
      const answer = await this.ask(hop, call);
      const next = call.follows ? nextHop(hop, answer.status, answer.headers['location']) : undefined;
      if (next === undefined) return new OutgoingResponse({ ...answer, url: hop.url.href });
      if (followed === this.rules.maxRedirects)
        throw new OutgoingRefused('too_many_redirects', { origin: hop.url.origin, limit: `${followed} redirects` });
      hop = { ...next, url: targetOf(next.url, this.rules) };
    }
  }

  private async ask(hop: Hop, { signal, maxBytes, follows, via }: Call): Promise<Exchange> {
    const { allowed, origins = [], idleMs } = this.rules;
    try {
      const addresses =
        via?.origin === hop.url.origin
          ? via.addresses
          : await routeTo(hop.url, { lookup: this.lookup, allowed, origins });
      signal.throwIfAborted();
      const wantsBody: ExchangeOrder['wantsBody'] = (status, { location }) => !follows || !leadsOn(status, location);
      return await exchange({ hop, addresses, idleMs, maxBytes, signal, wantsBody });
    } catch (error) {
      throw signal.aborted ? (signal.reason as Error) : asOutgoing(error, hop.url.origin);
    }
  }
}

/**
 * Runs `work` with a signal that fires after `ms` milliseconds (with `late()` as its reason) or when the caller's signal
 * fires. Rejects with that reason at once, even when the work ignores the signal.
 */
const withDeadline = async <T>(
  { ms, caller, late }: { ms: number; caller: AbortSignal | undefined; late: () => Error },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const timer = new AbortController();
  const timeout = setTimeout(() => {
    timer.abort(late());
  }, ms);
  const signal = caller === undefined ? timer.signal : AbortSignal.any([caller, timer.signal]);
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = (): void => {
    reject(signal.reason as Error);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    return await Promise.race([work(signal), stopped]);
  } finally {
    clearTimeout(timeout);
    signal.removeEventListener('abort', stop);
  }
};

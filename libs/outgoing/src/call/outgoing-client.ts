// The client: checks a URL, follows redirects hop by hop, keeps the limits of a call.
import type { AllowEntry } from '../address/reachable.policy.js';
import { type HostLookup, type OutgoingRoute, systemLookup, routeTo } from '../address/route.js';
import { type TargetRules, targetOf } from '../address/target.policy.js';
import { asOutgoing, OutgoingFailed, OutgoingRefused } from '../errors.js';
import { exchange, type Exchange, type ExchangeOrder, openExchange } from './exchange.js';
import { headersOf, type OutgoingRequest } from './outgoing-request.js';
import { OutgoingResponse } from './outgoing-response.js';
import { OutgoingStream } from './outgoing-stream.js';
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
    const limits = this.limitsOf(request, first);
    const { approve, via } = request;
    const { signal, stop, race } = deadline(limits);
    const call = { signal, maxBytes: limits.maxBytes, follows: request.redirect !== 'manual', approve, via };
    try {
      signal.throwIfAborted();
      return await race(this.follow(first, call));
    } finally {
      stop();
    }
  }

  /**
   * Requests a URL and returns its answer, whatever its status, while its body still comes. Checks and limits are those of
   * `request`; a redirect is the answer, because nothing of a stream may be sent twice.
   * @throws as `request`; so does reading the body
   */
  async open(url: string | URL, request: Omit<OutgoingRequest, 'redirect' | 'via'> = {}): Promise<OutgoingStream> {
    const { method = 'GET', body = null, approve } = request;
    // As it is: what decodes a stream may hold back the part that has come.
    const headers = { ...headersOf(request.headers), 'accept-encoding': 'identity' };
    const hop: Hop = { url: targetOf(String(url), this.rules), method, body, headers };
    const limits = this.limitsOf(request, hop);
    const { signal, stop, race } = deadline(limits);
    try {
      signal.throwIfAborted();
      approve?.(hop.url);
      const { maxBytes } = limits;
      const answer = await race(this.send(openExchange, hop, { signal, maxBytes, follows: false, via: undefined }));
      return new OutgoingStream(answer, hop.url, signal, stop);
    } catch (error) {
      stop();
      throw error;
    }
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

  private limitsOf({ maxBytes, timeoutMs, signal }: OutgoingRequest, { url }: Hop): CallLimits {
    const ms = Math.min(timeoutMs ?? Infinity, this.rules.timeoutMs);
    return {
      maxBytes: Math.min(maxBytes ?? Infinity, this.rules.maxBytes),
      ms,
      caller: signal,
      late: () => new OutgoingFailed('timed_out', { origin: url.origin, limit: `${ms} ms` }),
    };
  }

  private async follow(first: Hop, call: Call): Promise<OutgoingResponse> {
    let hop = first;
    for (let followed = 0; ; followed += 1) {
      call.approve?.(hop.url);
      const answer = await this.send(exchange, hop, call);
      const next = call.follows ? nextHop(hop, answer.status, answer.headers['location']) : undefined;
      if (next === undefined) return new OutgoingResponse({ ...answer, url: hop.url.href });
      if (followed === this.rules.maxRedirects)
        throw new OutgoingRefused('too_many_redirects', { origin: hop.url.origin, limit: `${followed} redirects` });
      hop = { ...next, url: targetOf(next.url, this.rules) };
    }
  }

  /** @param through whether the whole answer is read, or its head alone */
  private async send<Answer extends Pick<Exchange, 'status'>>(
    through: (order: ExchangeOrder) => Promise<Answer>,
    hop: Hop,
    { signal, maxBytes, follows, via }: Omit<Call, 'approve'>,
  ): Promise<Answer> {
    const { allowed, origins = [], idleMs } = this.rules;
    try {
      const addresses =
        via?.origin === hop.url.origin
          ? via.addresses
          : await routeTo(hop.url, { lookup: this.lookup, allowed, origins });
      signal.throwIfAborted();
      const wantsBody: ExchangeOrder['wantsBody'] = (status, { location }) => !follows || !leadsOn(status, location);
      return await through({ hop, addresses, idleMs, maxBytes, signal, wantsBody });
    } catch (error) {
      throw signal.aborted ? (signal.reason as Error) : asOutgoing(error, hop.url.origin);
    }
  }
}

interface CallLimits {
  readonly maxBytes: number;
  readonly ms: number;
  readonly caller: AbortSignal | undefined;
  readonly late: () => Error;
}

/** What ends a call: its time, or its caller. */
interface Deadline {
  /** Fires after the time of the call (with `late()` as its reason) or when the caller's signal fires. */
  readonly signal: AbortSignal;
  /** The call has ended. */
  readonly stop: () => void;
  /** Settles as `work` does, or rejects with the signal's reason at once, even when the work ignores it. */
  readonly race: <T>(work: Promise<T>) => Promise<T>;
}

const deadline = ({ ms, caller, late }: CallLimits): Deadline => {
  const timer = new AbortController();
  const timeout = setTimeout(() => {
    timer.abort(late());
  }, ms);
  const signal = caller === undefined ? timer.signal : AbortSignal.any([caller, timer.signal]);
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  // Nobody may be waiting any more.
  stopped.catch(() => undefined);
  const abort = (): void => {
    reject(signal.reason as Error);
  };
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  const stop = (): void => {
    clearTimeout(timeout);
    signal.removeEventListener('abort', abort);
  };
  return { signal, stop, race: (work) => Promise.race([work, stopped]) };
};

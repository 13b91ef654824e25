// The hosts that this tenant's tests may ask, and the only way to ask them.
import type { TaskContext } from '@pulser/agent-runtime/skill';
import { TaskError } from '@pulser/agent-runtime/skill';
import { type AllowedHost, allowedHostOf, AllowedHosts } from '@pulser/contracts';
import {
  type LoadLimits,
  OutgoingClient,
  OutgoingFailed,
  OutgoingRefused,
  type OutgoingRequest,
  type OutgoingResponse,
  type OutgoingRoute,
  rulesOfSettings,
} from '@pulser/outgoing/client';

import { testingErrors } from '../testing-errors.js';

/** An answer, and how long it took: look-up, connection and TLS included, for every request makes a connection of its own. */
export interface Answered {
  readonly answer: OutgoingResponse;
  readonly ms: number;
}

const advice =
  'an administrator of the tenant allows it with PUT /api/v1/settings/allowed-hosts, ' +
  'for example {"value": [{"host": "api.example.com", "ports": [443]}]}';

/** Refusals that a change of the operator's configuration, not of the task, would lift. */
const closed: ReadonlySet<string> = new Set(['address_not_public', 'port_not_allowed', 'scheme_not_allowed']);

const rounded = (ms: number): number => Math.round(ms * 100) / 100;

/** Where the tests of one task may go. */
export class Targets {
  /** @param client of the operator's rules. @param allowed what the tenant's administrators have allowed */
  constructor(
    private readonly client: OutgoingClient,
    private readonly allowed: AllowedHosts,
    readonly load: LoadLimits,
  ) {}

  static async of(context: TaskContext): Promise<Targets> {
    const settings = await context.outgoing();
    // What an older or newer version has written and this one cannot read allows nothing.
    const { data = [] } = AllowedHosts.safeParse((await context.setting('allowed-hosts')) ?? []);
    return new Targets(new OutgoingClient(rulesOfSettings(settings)), data, settings.load);
  }

  /** @returns the entry that allows the URL. @throws TaskError `host_not_allowed` */
  approve(url: URL): AllowedHost {
    const entry = allowedHostOf(url, this.allowed);
    if (entry !== undefined) return entry;
    throw testingErrors.error('host_not_allowed', `Tests may not ask ${url.origin}: ${advice}`, {
      details: { origin: url.origin },
    });
  }

  /**
   * Asks, over an address that is checked, and only hosts that are allowed, also after redirects.
   * @throws TaskError `host_not_allowed`, `address_not_open`; OutgoingFailed when no answer comes; the reason of a signal
   */
  async ask(url: URL, request: OutgoingRequest): Promise<Answered> {
    const started = performance.now();
    const approve = (hop: URL): void => void this.approve(hop);
    try {
      const answer = await this.client.request(url, { ...request, approve });
      return { answer, ms: rounded(performance.now() - started) };
    } catch (error) {
      throw asTaskError(error);
    }
  }

  /** The checked addresses of an allowed host. @throws as `ask` */
  async route(url: URL): Promise<OutgoingRoute> {
    this.approve(url);
    try {
      return await this.client.route(url);
    } catch (error) {
      throw asTaskError(error);
    }
  }
}

const asTaskError = (error: unknown): unknown => {
  if (!(error instanceof OutgoingRefused) || !closed.has(error.code)) return error;
  const message =
    `${error.message}. That a host is allowed does not open a private address or another port: ` +
    'the operator does, with OUTGOING_ALLOW, OUTGOING_ORIGINS or OUTGOING_PORTS of the agent';
  return testingErrors.error('address_not_open', message, { details: { reason: error.code, ...error.facts } });
};

/** Why no answer came, for a check that fails by it. @throws what is no matter of this one request */
export const unanswered = (error: unknown): string => {
  if (error instanceof OutgoingFailed || error instanceof OutgoingRefused) return `${error.message} [${error.code}]`;
  throw error;
};

/** The same for a request that follows redirects: one of them may lead where tests may not go. Nothing was sent there. */
export const unansweredOrLedAway = (error: unknown, asked: URL): string => {
  const isRefused =
    error instanceof TaskError && (error.code === 'host_not_allowed' || error.code === 'address_not_open');
  if (!isRefused || error.facts.details?.['origin'] === asked.origin) return unanswered(error);
  return `It redirects to where tests may not go, and was not followed. ${error.message}`;
};

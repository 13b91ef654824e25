import { availableParallelism } from 'node:os';

import { AgentEnv, HandlerThreadPool } from '@pulser/agent-runtime';
import { withTimeLimit } from '@pulser/concurrency';
import { InProcessBroker } from '@pulser/messaging';
import { type EnvSource, type RunningService, SharedResources } from '@pulser/service-kit';

import type { EmbeddedEnv } from '../embedded.env.js';
import { type HostedService, hostedServices } from '../hosted-services.js';

export interface ServicesOptions {
  /** Environment of every service. */
  readonly settings: EnvSource;
  /** Milliseconds that running work gets to end. */
  readonly closeLimitMs: number;
  /** Called when that was not enough, or a service failed to close. */
  readonly onLeftUndone: (error: unknown) => void;
}

/** The services together run as many handlers at once as this machine can use. */
const maxHandlerThreads = Math.max(4, 2 * availableParallelism());

/** Every service of Pulser, with a broker and threads for handlers that they share in this process. */
export class Services {
  private readonly threads: HandlerThreadPool;
  private readonly host: SharedResources;
  private readonly running: RunningService[] = [];

  constructor(private readonly options: ServicesOptions) {
    const { HANDLER_MEMORY_MB: memoryMb } = AgentEnv.read(options.settings);
    this.threads = new HandlerThreadPool({ maxThreads: maxHandlerThreads, memoryMb });
    this.host = new SharedResources()
      .provide(InProcessBroker, new InProcessBroker())
      .provide(HandlerThreadPool, this.threads);
  }

  /** The gateway comes last: a client that reaches it reaches all. @returns the URL it listens at */
  async start(port: number): Promise<string> {
    const [gateways, others] = [hostedServices.filter(isGateway), hostedServices.filter((one) => !isGateway(one))];
    for (const service of others) await this.launch(service);
    for (const service of gateways) {
      const { url } = await this.launch(service, { PORT: String(port) });
      if (url !== undefined) return url;
    }
    throw new Error('The gateway does not listen');
  }

  /** All together: requests are refused from now on, while running work gets its time. */
  async close(): Promise<void> {
    const closing = Promise.all(this.running.map((service) => service.close()));
    await withTimeLimit(closing, this.options.closeLimitMs).catch(this.options.onLeftUndone);
    await this.threads.close();
  }

  private async launch(service: HostedService, own: EnvSource = {}): Promise<RunningService> {
    const running = await service.start({ ...this.options.settings, ...own }, this.host);
    this.running.push(running);
    return running;
  }
}

const isGateway = ({ name }: HostedService): boolean => name === 'gateway';

/** Better in one process than the services' own defaults; the user may set others. */
const defaults = {
  // All connections take turns on one session: more of them would only wait.
  DATABASE_POOL_MAX: '4',
  // No message is lost between services of one process, and each round costs 5 ms of its only thread.
  SWEEP_MS: '1000',
};

/** The environment of every service in this process: the user's, but for what embedded mode decides. */
export const serviceSettings = (source: EnvSource, env: EmbeddedEnv, databaseUrl: string): EnvSource => ({
  ...defaults,
  ...source,
  PORT: undefined,
  HOST: env.HOST,
  LOG_LEVEL: env.LOG_LEVEL,
  LOG_PRETTY: String(env.logsArePretty),
  DATABASE_URL: databaseUrl,
  // Required, but never opened: the broker is in this process.
  AMQP_URL: 'amqp://in-process',
});

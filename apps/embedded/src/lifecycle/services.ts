import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { AgentEnv, HandlerThreadPool, LocalFiles } from '@pulser/agent-runtime';
import { withTimeLimit } from '@pulser/concurrency';
import { embeddingEnv, ProcessEmbedder } from '@pulser/embedding';
import { InProcessBroker } from '@pulser/messaging';
import { Env, type EnvSource, type RunningService, SharedResources } from '@pulser/service-kit';

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

class Embedding extends Env(embeddingEnv) {}

/** Every service of Pulser, with a broker, threads for handlers and an embedder that they share in this process. */
export class Services {
  private readonly threads: HandlerThreadPool;
  private readonly embedder: ProcessEmbedder;
  private readonly files = new LocalFiles();
  private readonly host: SharedResources;
  private readonly running: RunningService[] = [];

  constructor(private readonly options: ServicesOptions) {
    const { HANDLER_MEMORY_MB: memoryMb } = AgentEnv.read(options.settings);
    this.threads = new HandlerThreadPool({ maxThreads: maxHandlerThreads, memoryMb });
    this.embedder = new ProcessEmbedder(Embedding.read(options.settings));
    this.host = new SharedResources()
      .provide(InProcessBroker, new InProcessBroker())
      .provide(HandlerThreadPool, this.threads)
      .provide(ProcessEmbedder, this.embedder)
      .provide(LocalFiles, this.files);
  }

  /** The gateway comes last: a client that reaches it reaches all. @returns the URL it listens at */
  async start(port: number): Promise<string> {
    const [gateways, others] = [hostedServices.filter(isGateway), hostedServices.filter((one) => !isGateway(one))];
    const before: Record<string, string> = {};
    for (const service of others) {
      const { url } = await this.launch(service, hasDoorOfItsOwn(service) ? doorOfItsOwn : {});
      if (url !== undefined) before['MCP_COORDINATOR_URL'] = url;
    }
    for (const service of gateways) {
      const { url } = await this.launch(service, { ...before, PORT: String(port) });
      if (url !== undefined) return url;
    }
    throw new Error('The gateway does not listen');
  }

  /** All together: requests are refused from now on, while running work gets its time. */
  async close(): Promise<void> {
    const closing = Promise.all(this.running.map((service) => service.close()));
    await withTimeLimit(closing, this.options.closeLimitMs).catch(this.options.onLeftUndone);
    await this.threads.close();
    await this.embedder.close();
    await this.files.close();
  }

  private async launch(service: HostedService, own: EnvSource = {}): Promise<RunningService> {
    const running = await service.start({ ...this.options.settings, ...own }, this.host);
    this.running.push(running);
    return running;
  }
}

const isGateway = ({ name }: HostedService): boolean => name === 'gateway';

/** Clients come to it through the gateway, which passes them on. */
const hasDoorOfItsOwn = ({ name }: HostedService): boolean => name === 'mcp-coordinator';
const doorOfItsOwn: EnvSource = { PORT: '0', HOST: '127.0.0.1' };

/** Better in one process than the services' own defaults; the user may set others. */
const defaults = {
  // All connections take turns on one session: more of them would only wait.
  DATABASE_POOL_MAX: '4',
  // No message is lost between services of one process, and each round costs 5 ms of its only thread.
  SWEEP_MS: '1000',
  // A large file in the database would keep every other statement waiting.
  CONTENT_STORE: 'files',
  // All agents are one process, whose memory is no one's own.
  HEALTH_MEMORY_MB: '0',
  // One long statement holds up every canary.
  HEALTH_CANARY_MS: '20000',
  HEALTH_CANARY_SLOW_MS: '10000',
  HEALTH_LAG_MS: '10000',
  // Seven processes more would take as much memory as all the rest.
  MCP_SERVERS_MODE: 'in-process',
};

interface Decided {
  readonly env: EmbeddedEnv;
  readonly databaseUrl: string;
  /** Of the API. */
  readonly port: number;
  /** Kept in the data folder. */
  readonly secretsKey: string;
}

const everywhere = new Set(['0.0.0.0', '::']);

// So that a first test has something to ask: this API, which wants a key, and nothing else of this machine.
const gatewayOrigin = (host: string, port: number): string => {
  const name = everywhere.has(host) ? '127.0.0.1' : host;
  return URL.parse(`http://${name.includes(':') ? `[${name}]` : name}:${port}`)?.origin ?? '';
};

/** The environment of every service in this process: the user's, but for what embedded mode decides. */
export const serviceSettings = (source: EnvSource, { env, databaseUrl, port, secretsKey }: Decided): EnvSource => ({
  ...defaults,
  CONTENT_DIR: join(env.PULSER_DATA_DIR, 'content'),
  SECRETS_KEY: secretsKey,
  HEALTH_DISK_FOLDERS: env.PULSER_DATA_DIR,
  ...source,
  PORT: undefined,
  HOST: env.HOST,
  LOG_LEVEL: env.LOG_LEVEL,
  LOG_PRETTY: String(env.logsArePretty),
  DATABASE_URL: databaseUrl,
  // Building one would hold up every other statement for seconds.
  MEMORY_INDEX: 'false',
  OUTGOING_ORIGINS: [source['OUTGOING_ORIGINS'] ?? '', gatewayOrigin(env.HOST, port)].filter(Boolean).join(','),
  PULSER_API_URL: gatewayOrigin(env.HOST, port),
  // Required, but never opened: the broker is in this process.
  AMQP_URL: 'amqp://in-process',
});

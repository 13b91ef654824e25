import { withTimeLimit } from '@pulser/concurrency';
import { dash } from '@pulser/dash';
import { gateway } from '@pulser/gateway';
import { InProcessBroker } from '@pulser/messaging';
import { router } from '@pulser/router';
import {
  type EnvSource,
  SharedResources,
  type RunningService,
  type ServiceDefinition,
  type ServiceEnv,
  startService,
} from '@pulser/service-kit';

export interface ServicesOptions {
  /** Environment of every service. */
  readonly settings: EnvSource;
  /** Milliseconds that running work gets to end. */
  readonly closeLimitMs: number;
  /** Told when that was not enough, or something failed. */
  readonly onLeftUndone: (error: unknown) => void;
}

/** Every service of Pulser, with a broker between them that is in this process too. */
export class Services {
  private readonly host = new SharedResources().share(InProcessBroker, new InProcessBroker());
  private readonly running: RunningService[] = [];

  constructor(private readonly options: ServicesOptions) {}

  /** The gateway comes last: who reaches it reaches all. @returns the URL it listens at */
  async start(port: number): Promise<string> {
    await this.launch(router);
    await this.launch(dash);
    const { url } = await this.launch(gateway, { PORT: String(port) });
    if (url === undefined) throw new Error('The gateway does not listen');
    return url;
  }

  /** All at once: requests are refused from now on, while what runs gets its time. */
  async close(): Promise<void> {
    const closing = Promise.all(this.running.map((service) => service.close()));
    await withTimeLimit(closing, this.options.closeLimitMs).catch(this.options.onLeftUndone);
  }

  private async launch<E extends ServiceEnv>(
    definition: ServiceDefinition<E>,
    own: EnvSource = {},
  ): Promise<RunningService> {
    const env = definition.env.read({ ...this.options.settings, ...own });
    const service = await startService(definition, { env, host: this.host });
    this.running.push(service);
    return service;
  }
}

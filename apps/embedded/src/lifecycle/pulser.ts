import { Agents, loginLink } from '@pulser/context-bus';
import type { Database } from '@pulser/database';
import { isLoopback, processEnv } from '@pulser/service-kit';

import type { DataFolder } from '../data-folder/data-folder.js';
import type { EmbeddedEnv } from '../embedded.env.js';
import { FirstAccess } from '../first-run/first-access.js';
import { ownSecretsKey } from '../first-run/secrets-key.js';
import type { Example, Welcome } from '../welcome/welcome.policy.js';
import type { Place } from './place.js';
import { Services, serviceSettings } from './services.js';
import { Storage, type StorageOptions } from './storage.js';

/** What closing the database may take, in milliseconds, at the end of the time that a stop has. */
const databaseCloseMs = 2_000;

/** All of Pulser in this process. */
export class Pulser {
  private constructor(
    readonly welcome: Welcome,
    private readonly opened: AsyncDisposableStack,
  ) {}

  /** @throws the error that kept it from starting, after everything that had been opened was closed again */
  static async start(env: EmbeddedEnv, { folder, port }: Place, options: StorageOptions): Promise<Pulser> {
    await using opened = new AsyncDisposableStack();
    opened.defer(() => {
      folder.close();
    });
    const storage = opened.adopt(await Storage.open(folder, options), (part) => part.close());
    await storage.releaseAbandonedTasks();
    const services = opened.adopt(
      servicesOn(storage, { env, port, secretsKey: ownSecretsKey(folder) }, options),
      (part) => part.close(),
    );
    const url = await options.progress.during('Starting the services', () => services.start(port));
    const example = await exampleOf(storage.connection);
    storage.announceApi(url);
    const access = await accessTo(storage.connection, folder, { host: env.HOST, url });
    return new Pulser({ url, access, dataFolder: folder.path, example }, opened.move());
  }

  /** Requests are refused from now on, running tasks get their time, the database is closed in good order. */
  async close(): Promise<void> {
    await this.opened.disposeAsync();
  }
}

const servicesOn = (
  { databaseUrl }: Storage,
  { env, port, secretsKey }: { readonly env: EmbeddedEnv; readonly port: number; readonly secretsKey: string },
  { logger }: StorageOptions,
): Services =>
  new Services({
    settings: serviceSettings(processEnv(), { env, databaseUrl, port, secretsKey }),
    closeLimitMs: Math.max(0, env.SHUTDOWN_TIMEOUT_S * 1_000 - databaseCloseMs),
    onLeftUndone: (err) => {
      logger.warn({ err }, 'some work was not done in time: it goes on at the next start');
    },
  });

/** A task that some agent gives as an example and that leaves a chart. */
const exampleOf = async (connection: Database): Promise<Example | undefined> => {
  const agents = new Agents(connection);
  const registered = await agents.withRegistrations(await agents.versions());
  const [found] = registered
    .flatMap(({ registration }) => registration.operations)
    .filter(({ task_type }) => task_type === 'analytics');
  return found === undefined ? undefined : { task_type: found.task_type, payload: found.example };
};

/** An administrator's key that was not asked for is made only where no other machine can use it. */
const accessTo = async (
  connection: Database,
  folder: DataFolder,
  { host, url }: { readonly host: string; readonly url: string },
): Promise<Welcome['access']> => {
  if (!isLoopback(host)) return undefined;
  const keyFile = folder.place('api-key');
  const access = new FirstAccess(connection, keyFile);
  return { key: await access.key(), keyFile, page: loginLink(url, await access.loginCode()) };
};

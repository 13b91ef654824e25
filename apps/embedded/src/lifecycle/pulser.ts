import { isLoopback, processEnv } from '@pulser/service-kit';

import { DataFolder } from '../data-folder/data-folder.js';
import type { EmbeddedEnv } from '../embedded.env.js';
import { FirstAccess } from '../first-run/first-access.js';
import { SecretFile } from '../first-run/secret-file.js';
import { exampleOf } from '../welcome/example.js';
import type { Welcome } from '../welcome/welcome.policy.js';
import { AbandonedTasks } from './abandoned-tasks.store.js';
import { requireFreeAddress } from './free-address.js';
import { serviceSettings } from './service-settings.js';
import { Services } from './services.js';
import { Storage, type StorageOptions } from './storage.js';

/** What closing the database may take, in milliseconds, at the end of the time that a stop has. */
const databaseCloseMs = 2_000;

/** All of Pulser in this process. */
export class Pulser {
  private constructor(
    readonly welcome: Welcome,
    private readonly opened: AsyncDisposableStack,
  ) {}

  /** @throws whatever kept it from starting, after everything that had been opened was closed again */
  static async start(env: EmbeddedEnv, options: StorageOptions): Promise<Pulser> {
    await using opened = new AsyncDisposableStack();
    const folder = opened.adopt(DataFolder.open(env.PULSER_DATA_DIR), (part) => {
      part.close();
    });
    await requireFreeAddress(env.HOST, env.PORT);
    const storage = opened.adopt(await Storage.open(folder, options), (part) => part.close());
    await new AbandonedTasks(storage.connection).release();
    const services = opened.adopt(servicesOn(storage, env, options), (part) => part.close());
    const url = await options.progress.during('Starting the services', () => services.start(env.PORT));
    return new Pulser(await welcome({ url, folder, storage, host: env.HOST }), opened.move());
  }

  /** Requests are refused from now on, running tasks get their time, the database is closed in good order. */
  async close(): Promise<void> {
    await this.opened.disposeAsync();
  }
}

const servicesOn = ({ databaseUrl }: Storage, env: EmbeddedEnv, { logger }: StorageOptions): Services =>
  new Services({
    settings: serviceSettings(processEnv(), env, databaseUrl),
    closeLimitMs: Math.max(0, env.SHUTDOWN_TIMEOUT_S * 1_000 - databaseCloseMs),
    onLeftUndone: (err) => {
      logger.warn({ err }, 'some work was not done in time: it goes on at the next start');
    },
  });

interface Ready {
  readonly url: string;
  readonly folder: DataFolder;
  readonly storage: Storage;
  readonly host: string;
}

const welcome = async ({ url, folder, storage: { connection }, host }: Ready): Promise<Welcome> => {
  const facts = { url, dataFolder: folder.path, example: await exampleOf(connection) };
  // An administrator's key that nobody asked for: only where nobody else can use it.
  if (!isLoopback(host)) return { ...facts, access: undefined };
  const keyFile = folder.place('api-key');
  return { ...facts, access: { key: await new FirstAccess(connection, new SecretFile(keyFile)).key(), keyFile } };
};

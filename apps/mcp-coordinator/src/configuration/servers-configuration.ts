// The servers as the file says now: it is read at the start, and again when it has changed.
import { watch, type FSWatcher } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

import type { Logger } from '@pulser/service-kit';

import type { ServerSettings } from './server-settings.js';
import { serversOf, type Variables } from './servers-file.policy.js';

export interface ServersConfigurationOptions {
  /** Undefined: there are Pulser's own servers alone. */
  readonly file: string | undefined;
  readonly own: readonly ServerSettings[];
  readonly variables: Variables;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly onServers: (servers: readonly ServerSettings[]) => void;
}

/** An editor writes a file in several steps. Milliseconds. */
const settleMs = 100;
/** Changes on some file systems, as those mounted into containers, are not reported. Milliseconds. */
const lookEveryMs = 5_000;

export class ServersConfiguration {
  private watcher: FSWatcher | undefined;
  private settling: NodeJS.Timeout | undefined;
  private looking: NodeJS.Timeout | undefined;
  private lastText: string | undefined;
  private reading: Promise<void> = Promise.resolve();

  constructor(private readonly options: ServersConfigurationOptions) {}

  /** Reads the file for the first time. One that is missing or wrong attaches nothing, and is read when it is right. */
  async begin(): Promise<void> {
    const { file, own, variables, onServers } = this.options;
    if (file === undefined) {
      onServers(serversOf(undefined, own, variables));
      return;
    }
    await this.read(file, true);
    this.follow(file);
  }

  async close(): Promise<void> {
    this.watcher?.close();
    clearTimeout(this.settling);
    clearInterval(this.looking);
    await this.reading;
  }

  private follow(file: string): void {
    const look = (): void => {
      this.reading = this.reading.then(() => this.read(file, false));
    };
    this.looking = setInterval(look, lookEveryMs);
    this.looking.unref();
    try {
      // The folder: an editor replaces the file, and a watch of the file would stay with the old one.
      this.watcher = watch(dirname(file), { persistent: false }, (_, name) => {
        if (name !== basename(file)) return;
        clearTimeout(this.settling);
        this.settling = setTimeout(look, settleMs);
      });
      this.watcher.on('error', () => undefined);
    } catch {
      // Without such a watch the file is looked at every some seconds.
    }
  }

  private async read(file: string, isFirst: boolean): Promise<void> {
    const { own, variables, logger, onServers } = this.options;
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (!isFirst && text === this.lastText) return;
    this.lastText = text;
    if (text === undefined) logger.warn({ file }, 'the file of MCP servers cannot be read');
    try {
      const servers = serversOf(text, own, variables);
      if (!isFirst) logger.info({ file, servers: servers.length }, 'the file of MCP servers has changed');
      onServers(servers);
    } catch (err) {
      logger.warn({ file, err }, 'the file of MCP servers is wrong: what was configured before stays');
      if (isFirst) onServers(serversOf(undefined, own, variables));
    }
  }
}

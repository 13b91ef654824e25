// Makes the transport of a server as its settings say.
import { StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import { EndpointClient } from '@pulser/outgoing';

import { type ServerSettings, withoutSecrets } from '../configuration/server-settings.js';
import type { ChildGuard } from '../protocol/child-guard.js';
import { ChildTransport } from '../protocol/child-transport.js';

export interface Launched {
  readonly transport: Transport;
  /** Ends it at once, without a word: for a server that does not answer. */
  readonly kill: () => void;
  /** What it said last, where that may be why it ended. */
  readonly lastWords: () => string | undefined;
}

/** Opens one of Pulser's own servers in this process. */
export type OpenInProcess = (server: string) => Promise<Transport>;

const silent = (): undefined => undefined;

/** A stream of events is one long answer. */
const maxAnswerBytes = 1_024 * 1_024 * 1_024;
const idleMs = 300_000;

export class Launcher {
  constructor(
    private readonly guard: ChildGuard,
    private readonly openInProcess: OpenInProcess,
    private readonly log: (server: string, line: string) => void,
  ) {}

  launch(settings: ServerSettings): Promise<Launched> {
    const { name, launch } = settings;
    switch (launch.kind) {
      case 'child': {
        let last: string | undefined;
        const transport = new ChildTransport(launch.command, this.guard, (line) => {
          last = withoutSecrets(settings, line);
          this.log(name, last);
        });
        return Promise.resolve({
          transport,
          kill: () => {
            transport.kill();
          },
          lastWords: () => last,
        });
      }
      case 'http':
        return Promise.resolve(overHttp(launch.url, launch.headers));
      case 'in-process':
        return this.inProcess(name);
    }
  }

  private async inProcess(name: string): Promise<Launched> {
    const transport = await this.openInProcess(name);
    return { transport, kill: () => void transport.close(), lastWords: silent };
  }
}

const overHttp = (url: string, headers: Readonly<Record<string, string>>): Launched => {
  const client = new EndpointClient(url, { idleMs, maxBytes: maxAnswerBytes });
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    fetch: client.fetch,
    requestInit: { headers: { ...headers } },
  });
  const kill = (): void => {
    void transport.close().finally(() => client.close());
  };
  return { transport, kill, lastWords: silent };
};

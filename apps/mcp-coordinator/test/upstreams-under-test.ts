// Upstreams with real processes, and what they reported.
import { fileURLToPath } from 'node:url';

import { eventually } from '@pulser/testing';

import { noRules, type ServerSettings } from '../src/configuration/server-settings.js';
import { minimalEnvironment } from '../src/configuration/servers-file.policy.js';
import { ChildGuard } from '../src/protocol/child-guard.js';
import type { ToolList } from '../src/protocol/upstream-connection.js';
import { Launcher } from '../src/upstreams/launcher.js';
import type { ToolAnswer } from '../src/upstreams/tool-answer.js';
import { type ServerState, usualTimes, type UpstreamTimes } from '../src/upstreams/upstream.js';
import { Upstreams } from '../src/upstreams/upstreams.js';

export const programOf = (name: string): string => fileURLToPath(new URL(`servers/${name}.mjs`, import.meta.url));

export const child = (name: string, program: string, ...args: string[]): ServerSettings => ({
  name,
  isOwn: false,
  launch: {
    kind: 'child',
    command: {
      command: process.execPath,
      args: [programOf(program), ...args],
      cwd: undefined,
      env: minimalEnvironment(process.env),
    },
  },
  disabled: undefined,
  era: undefined,
  rules: noRules,
});

/** A server without a library, that misbehaves as its options say: see `servers/plain.mjs`. */
export const plain = (name: string, options: object = {}): ServerSettings => ({
  ...child(name, 'plain', JSON.stringify(options)),
  // Without the question for its revision.
  era: 'diesOfProbe' in options ? undefined : 'legacy',
});

export class UpstreamsUnderTest {
  readonly states: ServerState[] = [];
  readonly lists = new Map<string, ToolList>();
  readonly gone: string[] = [];
  readonly upstreams: Upstreams;
  private readonly guard = new ChildGuard();

  constructor(times: Partial<UpstreamTimes> = {}, startLimit = 4) {
    this.upstreams = new Upstreams({
      launcher: new Launcher(
        this.guard,
        () => Promise.reject(new Error('none')),
        () => undefined,
      ),
      times: { ...usualTimes, ...times },
      startLimit,
      onState: (state) => this.states.push(state),
      onTools: ({ name }, list) => this.lists.set(name, list),
      onGone: (server) => this.gone.push(server),
      onOddity: () => undefined,
    });
  }

  stateOf(server: string): ServerState | undefined {
    return this.upstreams.states().find((state) => state.server === server);
  }

  async ready(...servers: string[]): Promise<void> {
    await eventually(() => {
      expect(servers.map((server) => this.stateOf(server)?.state)).toEqual(servers.map(() => 'ready'));
    });
  }

  call(
    server: string,
    tool: string,
    args: object = {},
    signal: AbortSignal = new AbortController().signal,
  ): Promise<ToolAnswer> {
    return this.upstreams.call(server, tool, { ...args }, { signal, meta: {} });
  }

  /** The structured answer of a tool. */
  async ask<T>(server: string, tool: string, args: object = {}): Promise<T> {
    return (await this.call(server, tool, args)).structuredContent as T;
  }

  async pidOf(server: string): Promise<number> {
    return (await this.ask<{ pid: number }>(server, 'process')).pid;
  }

  async close(): Promise<void> {
    await this.upstreams.close();
    this.guard.close();
  }
}

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

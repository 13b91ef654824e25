// MCP servers whose effects are counted where they happen: what the configuration of a coordinator says of them, and what they
// wrote down.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

/** Two levels up from the source as from what was built. */
const program = fileURLToPath(new URL('../../programs/effects.mjs', import.meta.url));

const changing = ['apply', 'destroy'] as const;

/** Tools of each server: two that change something, of which the second destroys, and one that only reads. */
export type EffectTool = (typeof changing)[number] | 'look';

const Line = z.object({
  server: z.string(),
  pid: z.int(),
  /** Process that has started the server. */
  coordinator: z.int(),
  /** Milliseconds since the epoch. */
  at: z.number(),
  tool: z.enum([...changing, 'look']).optional(),
  ref: z.string().optional(),
});

type Line = z.infer<typeof Line>;

/** A server of a coordinator that has started. */
export type StartedServer = Pick<Line, 'server' | 'pid' | 'coordinator' | 'at'>;

/** A call that has reached a server. */
export interface ServedCall extends StartedServer {
  readonly tool: EffectTool;
  readonly ref: string;
}

export interface EffectServersOptions {
  readonly names: readonly string[];
  /** In which all of them write a line for each call. */
  readonly file: string;
  /** Milliseconds of a call before its effect, and as many after it. */
  readonly effectMs: number;
}

/** Servers of one configuration, of however many coordinators. */
export class EffectServers {
  constructor(private readonly options: EffectServersOptions) {
    writeFileSync(options.file, '');
  }

  get names(): readonly string[] {
    return this.options.names;
  }

  /** Content of `MCP_CONFIG_FILE`. @param tenants that may change something */
  configuration(tenants: readonly string[]): string {
    const { names, file, effectMs } = this.options;
    const flags = { apply: 'write', destroy: 'destructive', look: 'read' };
    const entry = (name: string) => ({
      command: process.execPath,
      args: [program, name, file, String(effectMs)],
      pulser: { flags, tenants, protocol: '2025-11-25' },
    });
    return JSON.stringify({ mcpServers: Object.fromEntries(names.map((name) => [name, entry(name)])) });
  }

  /** Every start, oldest first. */
  starts(): StartedServer[] {
    return this.lines().filter(({ tool }) => tool === undefined);
  }

  /** Those that run now. */
  running(): StartedServer[] {
    return this.starts().filter(({ pid }) => this.isAlive(pid));
  }

  /** Every call that has reached a server, in that order. */
  served(): ServedCall[] {
    return this.lines().flatMap(({ tool, ref, ...start }) =>
      tool === undefined || ref === undefined ? [] : [{ ...start, tool, ref }],
    );
  }

  private lines(): Line[] {
    return readFileSync(this.options.file, 'utf8')
      .split('\n')
      .filter((text) => text !== '')
      .map((text) => Line.parse(JSON.parse(text)));
  }

  // The number of one that has ended may be that of another program by now.
  private isAlive(pid: number): boolean {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(this.options.file);
    } catch {
      return false;
    }
  }
}

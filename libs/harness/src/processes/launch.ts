import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

import { workspaceRoot } from '../servers/run-script.js';

/** A built program of this repository. */
export interface Launch {
  /** Path below the root of the repository. */
  readonly main: string;
  /** Modules that are loaded before it. */
  readonly preloads?: readonly string[];
  /** File descriptor that gets its output. */
  readonly log: number;
  /** All that it finds in its environment, beside PATH. */
  readonly variables: Readonly<Record<string, string>>;
}

const launched = new Set<ChildProcess>();

// However this process ends, nothing that it started outlives it.
process.once('exit', () => {
  for (const child of launched) child.kill('SIGKILL');
});

export const launch = ({ main, preloads = [], log, variables }: Launch): ChildProcess => {
  const child = spawn(process.execPath, [...preloads.flatMap((module) => ['--import', module]), main], {
    cwd: workspaceRoot,
    stdio: ['ignore', log, log],
    env: { PATH: process.env['PATH'], ...variables },
  });
  launched.add(child);
  child.once('exit', () => launched.delete(child));
  return child;
};

export const isAlive = (child: ChildProcess | undefined): child is ChildProcess =>
  child?.exitCode === null && child.signalCode === null;

/** Ends a process by a signal and resolves when it is gone. @returns its exit code */
export const end = async (child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> => {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exit = once(child, 'exit');
  child.kill(signal);
  // A process that is stopped gets no SIGTERM before it goes on.
  child.kill('SIGCONT');
  await exit;
  return child.exitCode;
};

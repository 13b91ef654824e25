import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { say } from './progress.mjs';

/**
 * Runs a command to its end. Output is captured unless `options.stdio` says otherwise.
 * Resolves also when the command fails or does not exist (code 127): the caller decides what that means.
 */
export function runCommand(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) child[name]?.on('data', (chunk) => (output[name] += chunk));
    child.on('error', (error) => resolve({ code: 127, stdout: '', stderr: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, ...output }));
  });
}

/** The last lines with something in them, for an error message. */
export const lastLines = (text, count = 1) => text.trim().split('\n').slice(-count).join('\n');

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a command whose output the user sees and resolves with its exit code. It gets a process group of its own, so
 * that a signal reaches everything it started, once, whether typed at a terminal or sent to this process alone;
 * a second signal kills. An interrupted command resolves with 130, one that cannot be started with 127.
 * With `onLine` its output goes there, line by line; `background` lowers its priority and that of all it starts.
 */
export async function runInForeground(command, args, { onLine, background = false, ...options } = {}) {
  const output = onLine === undefined ? 'inherit' : 'pipe';
  const child = spawn(command, args, { stdio: ['ignore', output, output], detached: true, ...options });
  const ended = exitOf(child, onLine);
  if (background && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  let interrupted = false;
  const forward = (signal) => {
    signalGroup(child, interrupted ? 'SIGKILL' : signal);
    interrupted = true;
  };
  for (const signal of forwarded) process.on(signal, forward);
  try {
    const code = await ended;
    return interrupted ? 130 : code;
  } finally {
    for (const signal of forwarded) process.removeListener(signal, forward);
  }
}

/** Processes that a command leaves behind may hold its output open: it is not waited for longer than this. */
const outputMs = 1_000;

async function exitOf(child, onLine) {
  const readers = onLine ? [child.stdout, child.stderr].map((input) => createInterface({ input })) : [];
  for (const reader of readers) reader.on('line', onLine);
  const closed = Promise.all(readers.map((reader) => once(reader, 'close')));
  const code = await once(child, 'exit').then(
    ([exit]) => exit ?? 1,
    (error) => {
      (onLine ?? say)(error.message);
      return 127;
    },
  );
  await Promise.race([closed, pause(outputMs, undefined, { ref: false })]);
  return code;
}

function signalGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

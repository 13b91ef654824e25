import { spawn } from 'node:child_process';
import { once } from 'node:events';

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
 * a second signal kills. An interrupted command resolves with 130.
 */
export async function runInForeground(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true, ...options });
  let interrupted = false;
  const forward = (signal) => {
    signalGroup(child, interrupted ? 'SIGKILL' : signal);
    interrupted = true;
  };
  for (const signal of forwarded) process.on(signal, forward);
  try {
    const [code] = await once(child, 'exit');
    return interrupted ? 130 : (code ?? 1);
  } finally {
    for (const signal of forwarded) process.removeListener(signal, forward);
  }
}

function signalGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

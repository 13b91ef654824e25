import { spawn } from 'node:child_process';
import { once } from 'node:events';

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

import { spawn } from 'node:child_process';

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

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const workspaceRoot = fileURLToPath(new URL('../../../..', import.meta.url));

/** This machine cannot do what was asked for. */
export class Unavailable extends Error {}

/** Exit code of services.mjs where it says so. */
const unavailableCode = 3;

/** Runs a script of deploy/local to its end. @returns what it printed @throws with its complaint */
export const runScript = async (script: string, args: readonly string[]): Promise<string> => {
  const child = spawn(process.execPath, [`deploy/local/${script}`, ...args], { cwd: workspaceRoot });
  let out = '';
  let complaint = '';
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (complaint += bytes.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === unavailableCode) throw new Unavailable(complaint.trim());
  if (code !== 0) throw new Error(`${script} ${args.join(' ')}: ${complaint.trim()}`);
  return out;
};

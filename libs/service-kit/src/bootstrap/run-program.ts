import { processEnv } from '../env/process-env.js';
import { ProgramProcess } from './program-process.js';
import type { Program } from './program.js';

/**
 * Makes this process the program's own. SIGTERM and SIGINT drain it (SHUTDOWN_TIMEOUT_S at most) and exit 0, or 1 when
 * work was left undone; another signal later than half a second exits at once with 130. What keeps it from starting is
 * one line on standard error, with exit code 78 for configuration and 1 for anything else; LOG_LEVEL=debug adds the
 * stack. An unforeseen error ends the process with 1.
 */
export const runProgram = async (program: Program): Promise<void> =>
  new ProgramProcess(program, process, processEnv()).run();

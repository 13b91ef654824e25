import { messageOf } from '@pulser/service-kit';

/** sysexits.h: the command was used wrongly. */
const usageCode = 64;

/** Runs a harness to the end of its process: 64 with the usage for options that are wrong, 1 for any other failure. */
export const runToExit = async (main: () => Promise<number>, usage: string): Promise<void> => {
  try {
    // Not by waiting for what is left: half-closed sockets of broken connections can keep a process for ever.
    process.exit(await main());
  } catch (error) {
    const mistaken = error instanceof TypeError;
    process.stderr.write(`${messageOf(error)}\n${mistaken ? `${usage}\n` : ''}`);
    process.exitCode = mistaken ? usageCode : 1;
  }
};

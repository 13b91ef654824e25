import { Started, type Variables } from './started.js';
import { TemporaryFolder } from './temporary-folder.js';

/** Seconds that running tasks are waited for: far longer than an end without any takes on a busy machine. */
export const shutdownTimeoutS = 30;

/** With leases that outlive every test: nothing may wait for their end. */
const usual = { SHUTDOWN_TIMEOUT_S: String(shutdownTimeoutS), LEASE_S: '600' };

/** A data folder, and the one process that may run on it. */
export class Installation {
  private readonly folder = new TemporaryFolder();
  private current: Started | undefined;

  /** @param variables of every process, beside the usual ones */
  constructor(private readonly variables: Variables = {}) {}

  get data(): string {
    return this.place('data');
  }

  /** Path of something beside the data. */
  place(name: string): string {
    return this.folder.place(name);
  }

  /** The process on the data; a new one when there is none or it has ended. */
  async running(): Promise<Started> {
    if (this.current === undefined || this.current.hasEnded)
      this.current = await Started.ready(this.data, { ...usual, ...this.variables });
    return this.current;
  }

  /** Ends the process, if one runs. */
  async stop(): Promise<void> {
    if (this.current?.hasEnded === false) await this.current.interrupt();
  }

  async remove(): Promise<void> {
    await this.stop();
    this.folder[Symbol.dispose]();
  }
}

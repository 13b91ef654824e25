// What the load and the measurements ask of every contestant.

/** A request of a contestant, as autocannon takes it. */
export interface BenchRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The servers of a run; started once, before all rounds. */
export interface Machine {
  /** Of the administrator; a contestant creates a database of its own on this server. */
  readonly databaseUrl: string;
  readonly amqpUrl: string;
  /** Folder for logs and data of this run. */
  readonly folder: string;
}

export interface RunningProcess {
  readonly name: string;
  readonly pid: number;
}

/** A contestant with a fresh store, ready for tasks. */
export interface Running {
  readonly submit: BenchRequest;
  /** @returns the request that reads a task, from the answer to `submit` */
  read(answer: string): BenchRequest;
  /** Whether the answer to `read` says that the task is finished. */
  isFinished(answer: string): boolean;
  /** Tasks that ended well since the start. */
  finished(): Promise<number>;
  /** Only Pulser: the share of the tasks since then, in percent, that its router took from their rows. */
  dequeuedPercent?(since: Date): Promise<number>;
  readonly processes: readonly RunningProcess[];
  stop(): Promise<void>;
}

/** A system that is measured. */
export interface Contestant {
  readonly name: string;
  /** Its settings and where they are documented, one line each. */
  readonly settings: readonly string[];
  /** Installs what it needs, once. @throws Unavailable when this machine cannot provide it */
  install(): Promise<void>;
  start(machine: Machine): Promise<Running>;
}

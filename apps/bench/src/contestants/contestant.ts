/** A request of a contestant, as autocannon takes it. */
export interface BenchRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What a contestant runs on; started once, before all rounds. */
export interface Machine {
  /** As the administrator; a contestant makes a database of its own in it. */
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
  readonly processes: readonly RunningProcess[];
  stop(): Promise<void>;
}

/** A system under test. */
export interface Contestant {
  readonly name: string;
  /** What was set for it, and where that is documented. One line each. */
  readonly settings: readonly string[];
  /** Installs what it needs, once. @throws Unavailable when this machine cannot have it */
  install(): Promise<void>;
  start(machine: Machine): Promise<Running>;
}

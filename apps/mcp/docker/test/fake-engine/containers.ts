// Containers of the engine of these tests, in memory, in the shapes of its API 1.41.
import { randomBytes } from 'node:crypto';

export type Fields = Readonly<Record<string, unknown>>;

/** An answer of the engine that is no success. */
export class EngineError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export type Status = 'created' | 'running' | 'exited';

export interface Container {
  readonly id: string;
  readonly name: string;
  readonly body: Fields;
  readonly created: number;
  status: Status;
  startedAt: string;
  exitCode: number;
  /** As the engine sends them: frames, or the bytes of a terminal. */
  log: Buffer;
}

const never = '0001-01-01T00:00:00Z';

export const frame = (type: 1 | 2, text: string): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt8(type, 0);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
};

export class Containers {
  private readonly all: Container[] = [];
  private starts = 0;

  get list(): readonly Container[] {
    return this.all;
  }

  create(name: string | null, body: Fields, status: Status = 'created'): Container {
    const id = randomBytes(32).toString('hex');
    const chosen = name ?? `name_${id.slice(0, 6)}`;
    const taken = this.all.find((container) => container.name === chosen);
    if (taken !== undefined)
      throw new EngineError(
        409,
        `Conflict. The container name "/${chosen}" is already in use by container "${taken.id}".`,
      );
    const created = 1_700_000_000 + this.all.length;
    const container: Container = {
      id,
      name: chosen,
      body,
      created,
      status,
      startedAt: never,
      exitCode: 0,
      log: Buffer.alloc(0),
    };
    this.all.push(container);
    return container;
  }

  find(nameOrId: string): Container {
    const found = this.all.find(({ id, name }) => name === nameOrId || id.startsWith(nameOrId));
    if (found === undefined) throw new EngineError(404, `No such container: ${nameOrId}`);
    return found;
  }

  /** @returns whether anything changed */
  start(container: Container): boolean {
    if (container.status === 'running') return false;
    this.starts += 1;
    container.status = 'running';
    container.startedAt = new Date(1_700_000_000_000 + this.starts).toISOString();
    return true;
  }

  stop(container: Container): boolean {
    if (container.status !== 'running') return false;
    container.status = 'exited';
    container.exitCode = 143;
    return true;
  }

  remove(container: Container, force: boolean): void {
    if (container.status === 'running' && !force)
      throw new EngineError(
        409,
        `You cannot remove a running container ${container.id}. Stop the container before attempting removal or force remove`,
      );
    this.all.splice(this.all.indexOf(container), 1);
  }
}

/** As `GET /containers/json` has it. */
export const summaryOf = ({ id, name, body, created, status }: Container): Fields => ({
  Id: id,
  Names: [`/${name}`],
  Image: body['Image'],
  ImageID: 'sha256:1',
  Command: 'sh',
  Created: created,
  Ports: [
    { IP: '127.0.0.1', PrivatePort: 80, PublicPort: 8_080, Type: 'tcp' },
    { PrivatePort: 443, Type: 'tcp' },
  ],
  Labels: body['Labels'] ?? {},
  State: status,
  Status: status === 'running' ? 'Up 3 minutes' : 'Exited (0) 3 minutes ago',
  HostConfig: { NetworkMode: 'bridge' },
  NetworkSettings: { Networks: {} },
  Mounts: [],
});

/** As `GET /containers/{id}/json` has it. */
export const detailsOf = ({ id, name, body, status, startedAt, exitCode }: Container): Fields => ({
  Id: id,
  Name: `/${name}`,
  Created: '2026-11-01T10:00:00Z',
  Image: 'sha256:1',
  RestartCount: 0,
  State: {
    ...{ Status: status, Running: status === 'running', OOMKilled: false, ExitCode: exitCode, Error: '' },
    ...{ StartedAt: startedAt, FinishedAt: never },
    Health: { Status: 'healthy', FailingStreak: 0, Log: [{ Output: 'fine' }] },
  },
  Config: { Env: [], Tty: false, User: '', WorkingDir: '', Entrypoint: null, Cmd: ['sh'], Labels: {}, ...body },
  HostConfig: {
    Memory: 0,
    NanoCpus: 0,
    PidsLimit: null,
    Privileged: false,
    RestartPolicy: { Name: '' },
    ...(body['HostConfig'] as Fields),
  },
  Mounts: [
    { Type: 'volume', Name: 'data', Source: '/var/lib/docker/volumes/data', Destination: '/data', Mode: 'z', RW: true },
  ],
  NetworkSettings: {
    Ports: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }], '443/tcp': null },
    Networks: { bridge: { IPAddress: '172.17.0.2', Gateway: '172.17.0.1' } },
  },
});

/** As `GET /containers/{id}/stats` has it, with cgroups 2. */
export const statsOf = (): Fields => ({
  read: '2026-11-01T10:00:01Z',
  pids_stats: { current: 3 },
  cpu_stats: { cpu_usage: { total_usage: 300 }, system_cpu_usage: 2_000, online_cpus: 2 },
  precpu_stats: { cpu_usage: { total_usage: 100 }, system_cpu_usage: 1_000, online_cpus: 2 },
  memory_stats: { usage: 30_000_000, limit: 100_000_000, stats: { inactive_file: 10_000_000 } },
  networks: { eth0: { rx_bytes: 5, tx_bytes: 6 } },
  blkio_stats: { io_service_bytes_recursive: [{ op: 'read', value: 7 }] },
});

import { createOptions, RunInput } from './run.policy.js';

const body = (args: Record<string, unknown>) =>
  createOptions(RunInput.strict().parse({ image: 'alpine', ...args }), 'docker.io/library/alpine:latest', undefined);

describe('a new container', () => {
  it('has limits and no privileges when nothing is said', () => {
    expect(body({}).HostConfig).toMatchObject({
      ...{ Memory: 268_435_456, MemorySwap: 268_435_456, NanoCpus: 1e9, PidsLimit: 128, Privileged: false },
      ...{ NetworkMode: 'bridge', SecurityOpt: ['no-new-privileges'], PublishAllPorts: false },
    });
  });

  it('has nothing of the machine, whatever is said', () => {
    const most = body({
      ...{
        memory_mb: 8_192,
        cpus: 8,
        pids: 4_096,
        network: 'none',
        user: 'root',
        read_only: true,
        restart: 'unless-stopped',
      },
      ...{ ports: [{ container: 80, host: 8_080, public: true }], labels: { a: 'b' }, env: { A: '1' } },
    });
    for (const key of [
      'Binds',
      'Mounts',
      'CapAdd',
      'Devices',
      'DeviceRequests',
      'PidMode',
      'IpcMode',
      'UTSMode',
      'UsernsMode',
      'VolumesFrom',
      'Sysctls',
      'CgroupParent',
      'Runtime',
      'OomScoreAdj',
    ])
      expect(most.HostConfig).not.toHaveProperty(key);
    expect(most).not.toHaveProperty('Volumes');
    expect(most.HostConfig?.Privileged).toBe(false);
  });

  it("publishes ports on the loopback of the engine's machine, unless they are to be public", () => {
    const ports = [{ container: 80, host: 8_080 }, { container: 80 }, { container: 53, protocol: 'udp', public: true }];
    expect(body({ ports }).HostConfig?.PortBindings).toEqual({
      '80/tcp': [
        { HostIp: '127.0.0.1', HostPort: '8080' },
        { HostIp: '127.0.0.1', HostPort: '' },
      ],
      '53/udp': [{ HostIp: '', HostPort: '' }],
    });
  });
});

import { parse, parseAllDocuments } from 'yaml';

import { example } from '../src/render/render-contract.js';
import { render } from './run.js';

const { description } = example;

const stateful = {
  name: 'chat',
  namespace: 'chat',
  services: [
    {
      name: 'relay',
      image: 'registry.example.com/chat/relay:1.2.0',
      command: ['relay', '--motd', "it's on"],
      ports: [
        { name: 'http', port: 8080 },
        { name: 'voice', port: 3478, protocol: 'udp' },
      ],
      env: { ANSWER: 'no', PRICE: '$5' },
      secrets: [{ env: 'TOKEN', secret: 'one', key: 'token' }],
      resources: { cpu: 12, memory_mb: 1_024 },
      replicas: 2,
      user: 1_000,
      readiness: { command: ['relay', 'ready'] },
      volumes: [
        { name: 'history', path: '/history', size_mb: 2_048, persistent: true },
        { name: 'cache', path: '/cache', size_mb: 64, persistent: false },
      ],
    },
    {
      name: 'sweeper',
      image: 'busybox:1.37',
      resources: { cpu: 0.1, memory_mb: 64 },
      secrets: [{ env: 'TOKEN', secret: 'two', key: 'token' }],
      liveness: { tcp: { port: 9_000 } },
    },
  ],
  jobs: [
    {
      name: 'nightly',
      image: 'busybox:1.37',
      when: 'schedule',
      schedule: '0 3 * * *',
      retries: 2,
      resources: { cpu: 0.1, memory_mb: 64 },
    },
  ],
  ingress: { host: 'chat.example.com', tls: false, routes: [{ path: '/', service: 'relay', port: 'http' }] },
};

const fileOf = async (target: string, of: unknown = stateful) => {
  const file = (await render(of)).files.find((one) => one.target === target);
  if (file === undefined) throw new Error(`No file for ${target}`);
  return file;
};

describe('render', () => {
  it('makes files in which validate finds nothing', async () => {
    const { files } = await render(description);
    expect(files.map(({ target, findings }) => [target, findings])).toEqual([
      ['kubernetes', []],
      ['app-platform', []],
      ['compose', []],
    ]);
  });

  it('makes the same bytes of the same description', async () => {
    expect(await render(stateful)).toEqual(await render(structuredClone(stateful)));
  });

  it('makes a StatefulSet of what keeps data, with its Service and a budget', async () => {
    const { content, findings } = await fileOf('kubernetes');
    const kinds = parseAllDocuments(content).map((one) => (one.toJS() as { kind: string }).kind);
    expect(kinds).toEqual(['CronJob', 'StatefulSet', 'Service', 'PodDisruptionBudget', 'Deployment', 'Ingress']);
    // The description says so itself.
    expect(findings.map(({ rule }) => rule)).toEqual(['k8s-liveness-probe', 'k8s-ingress-tls']);
  });

  it('tells what a target cannot say instead of leaving it out', async () => {
    const missing = async (target: string): Promise<string[]> =>
      (await fileOf(target)).not_expressed.map(({ what }) => what).sort();
    expect(await missing('app-platform')).toEqual([
      'ingress.tls',
      'jobs.nightly.retries',
      'jobs.nightly.writable_root',
      'services.relay.image',
      'services.relay.ports.voice',
      'services.relay.readiness',
      'services.relay.resources',
      'services.relay.user',
      'services.relay.volumes.history',
      'services.relay.writable_root',
      'services.sweeper.writable_root',
    ]);
    expect(await missing('compose')).toEqual([
      'ingress',
      'jobs.nightly.resources.cpu',
      'jobs.nightly.schedule',
      'jobs.nightly.time_limit_s',
      'services.relay.ports',
      'services.relay.resources.cpu',
      'services.relay.volumes.history.size_mb',
      'services.sweeper.liveness',
      'services.sweeper.resources.cpu',
    ]);
  });

  it('keeps words, dollars and secrets of one name apart', async () => {
    const { services } = parse((await fileOf('compose')).content) as {
      services: Record<string, { environment: Record<string, string> }>;
    };
    expect(services['relay']?.environment).toEqual({ ANSWER: 'no', PRICE: '$$5', TOKEN: '${ONE_TOKEN:?token of one}' });
    expect(services['sweeper']?.environment).toEqual({ TOKEN: '${TWO_TOKEN:?token of two}' });
    expect((await fileOf('compose')).content).toContain('ANSWER: "no"');
    expect((await fileOf('app-platform')).content).toContain(String.raw`relay --motd 'it'\''s on'`);
  });

  it('holds no value of a secret, and lists those that must be there', async () => {
    const { secrets } = await render(description);
    expect(secrets).toEqual([{ secret: 'shop-database', key: 'url', used_by: ['web', 'migrate'] }]);
  });

  it('refuses a route to nothing, two of one name and a port without a readiness', async () => {
    const [web] = description.services;
    const wrong = [
      { ...description, ingress: { host: 'a.example', routes: [{ path: '/', service: 'web', port: 'https' }] } },
      { ...description, services: [web, web] },
      { ...description, services: [{ ...web, readiness: undefined }] },
    ];
    for (const one of wrong) await expect(render(one)).rejects.toMatchObject({ code: 'invalid_payload' });
  });
});

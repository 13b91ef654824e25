// An engine with a few containers and images, and a client of the server that asks it.
import { testClient, type TestAnswer, type TestCall, type TestClient } from '@pulser/mcp-server-kit/testing';

import { docker } from '../src/index.js';
import { FakeEngine, frame } from './fake-engine/engine.js';

export const digest = `sha256:${'a1'.repeat(32)}`;

const fill = ({ containers, images }: FakeEngine): void => {
  const web = containers.create('web', {
    Image: 'nginx:1.29',
    Env: ['PASSWORD=hunter2-hunter2', 'EMPTY='],
    Labels: { app: 'web' },
    HostConfig: { Memory: 268_435_456, NanoCpus: 500_000_000, PidsLimit: 64 },
  });
  containers.start(web);
  web.log = Buffer.concat([frame(1, 'one\n'), frame(2, 'warning\n'), frame(1, 'two\n')]);
  containers.create('old', { Image: 'alpine:3.22', Labels: {} }, 'exited');
  images.push(
    {
      id: 'sha256:1',
      tags: ['docker.io/library/alpine:3.22'],
      digests: [`docker.io/library/alpine@${digest}`],
      created: 1_700_000_300,
    },
    { id: 'sha256:2', tags: [], digests: [], created: 1_700_000_200 },
  );
};

/** The engine and its client of one suite. */
export class SampleEngine {
  private constructor(
    readonly engine: FakeEngine,
    private readonly client: TestClient,
  ) {}

  static async start(): Promise<SampleEngine> {
    const engine = await FakeEngine.start();
    fill(engine);
    return new SampleEngine(engine, await testClient(docker));
  }

  get variables(): Readonly<Record<string, string>> {
    return { DOCKER_HOST: `tcp://127.0.0.1:${this.engine.port}`, DOCKER_ALLOWED_IMAGES: 'alpine,ghcr.io/acme/*' };
  }

  call(tool: string, args: Record<string, unknown> = {}, call: TestCall = {}): Promise<TestAnswer> {
    return this.client.call(tool, args, { variables: this.variables, ...call });
  }

  /** The result of a call that has one. */
  async result(
    tool: string,
    args: Record<string, unknown> = {},
    call: TestCall = {},
  ): Promise<Record<string, unknown>> {
    const { result, text } = await this.call(tool, args, call);
    if (result === undefined) throw new Error(text);
    return result;
  }

  /** The last request of this kind. */
  lastOf(method: string, path: string) {
    return this.engine.seen.findLast((seen) => seen.method === method && seen.path.startsWith(path));
  }

  async close(): Promise<void> {
    await this.client.close();
    await this.engine.close();
  }
}

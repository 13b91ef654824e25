import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { defineTool, ToolError, type ToolCallContext } from '@pulser/mcp-server-kit';
import type Docker from 'dockerode';
import { z } from 'zod';

import { allowedName } from '../allowance.policy.js';
import { shortId } from '../arguments.js';
import { withEngine } from '../engine.js';
import { createOptions, keyLabel, RunInput } from '../run.policy.js';

const pollMs = 250;

/** The container that an earlier try of the same call has made, under the same name. */
const madeBefore = async (engine: Docker, name: string, key: string): Promise<Docker.Container | undefined> => {
  const container = engine.getContainer(name);
  const { Config } = await container.inspect();
  return Config.Labels[keyLabel] === key ? container : undefined;
};

const create = async (engine: Docker, input: RunInput, image: string, key: string | undefined) => {
  const name = input.name ?? (key === undefined ? undefined : nameFor(key));
  // The name goes into the query, the rest into the body.
  const options = { _query: { name }, _body: createOptions(input, image, key) };
  try {
    return await engine.createContainer(options as Docker.ContainerCreateOptions);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    if (error.code === 'not_found')
      throw new ToolError('not_found', `${image} is not on the engine: image_pull brings it`, { cause: error });
    const before = error.code === 'conflict' && key && name ? await madeBefore(engine, name, key) : undefined;
    if (before === undefined) throw error;
    return before;
  }
};

const nameFor = (key: string): string => `pulser-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;

// A container that was made and cannot start would keep its name.
const start = async (container: Docker.Container): Promise<void> => {
  try {
    await container.start();
  } catch (error) {
    await container.remove({ force: true, v: true });
    throw error;
  }
};

const waitForEnd = async (container: Docker.Container, wait_s: number, { signal }: ToolCallContext): Promise<void> => {
  const until = performance.now() + wait_s * 1_000;
  while (performance.now() < until) {
    const { State } = await container.inspect();
    if (!State.Running) return;
    await delay(pollMs, undefined, { signal });
  }
};

const resultOf = async (container: Docker.Container, image: string) => {
  const { Id, Name, State } = await container.inspect();
  return {
    ...{ id: shortId(Id), name: Name.replace(/^\//, ''), image },
    state: State.Status,
    ...(!State.Running && { exit_code: State.ExitCode }),
  };
};

const maxWaitS = 120;

export const containerRun = defineTool({
  name: 'container_run',
  title: 'Run a container',
  description:
    'Creates and starts a container from an allowed image that is on the engine, with limits of memory, CPU and processes. It gets no privileges, no host network, no mounts and no devices of the machine. With wait_s the answer waits for its end; container_logs has its output.',
  flag: 'write',
  timeLimitMs: (maxWaitS + 60) * 1_000,
  input: RunInput.extend({ wait_s: z.int().min(0).max(maxWaitS).default(0) }),
  output: z.object({
    id: z.string(),
    name: z.string(),
    image: z.string(),
    state: z.string(),
    exit_code: z.int().optional().describe('when it has ended'),
  }),
  examples: [
    { arguments: { image: 'nginx:1.29', name: 'web', ports: [{ container: 80 }], memory_mb: 128 } },
    { arguments: { image: 'alpine:3.22', command: ['wget', '-qO-', 'http://web'], wait_s: 30, network: 'bridge' } },
  ],
  run: ({ wait_s, ...input }, call) =>
    withEngine(call, async (engine) => {
      const image = allowedName(input.image, call.required('DOCKER_ALLOWED_IMAGES'));
      const container = await create(engine, input, image, call.idempotencyKey);
      await start(container);
      await waitForEnd(container, wait_s, call);
      return resultOf(container, image);
    }),
});

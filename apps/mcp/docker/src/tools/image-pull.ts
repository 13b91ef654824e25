import { defineTool, ToolError, type ToolCallContext } from '@pulser/mcp-server-kit';
import type Docker from 'dockerode';
import { z } from 'zod';

import { allowedName } from '../allowance.policy.js';
import { withEngine } from '../engine.js';
import { messagesOf, reportedFailure } from '../messages.js';
import { PullLayers } from '../pull.policy.js';
import { ImageName, type Reference } from '../reference.policy.js';
import { registryLogin } from '../variables.js';

const progressEveryMs = 500;

/** Reads to the end, and reports on the way. @throws ToolError when the engine reports that the pull failed */
const follow = async (stream: NodeJS.ReadableStream, call: ToolCallContext): Promise<PullLayers> => {
  const layers = new PullLayers();
  let next = 0;
  for await (const message of messagesOf(stream, call.signal)) {
    layers.add(message);
    const { current, total } = layers.progress;
    // One without a total would say nothing.
    if (total === 0 || performance.now() < next) continue;
    next = performance.now() + progressEveryMs;
    call.progress(current, total, message.status);
  }
  return layers;
};

const open = async (engine: Docker, login: object | undefined, options: object): Promise<NodeJS.ReadableStream> => {
  try {
    return await engine.createImage(login, options);
  } catch (error) {
    throw error instanceof ToolError && error.code === 'upstream_error' ? reportedFailure(error.message) : error;
  }
};

const partsOf = ({ repository, tag, digest }: Reference) => ({ fromImage: repository, tag: digest ?? tag ?? 'latest' });

export const imagePull = defineTool({
  name: 'image_pull',
  title: 'Pull an image',
  description:
    'Brings an allowed image to the engine by tag or digest, reporting progress. Without tag and digest it is latest.',
  flag: 'write',
  idempotent: true,
  timeLimitMs: 900_000,
  input: z.object({
    image: z.string().max(400).pipe(ImageName).describe('one of DOCKER_ALLOWED_IMAGES'),
    platform: z
      .string()
      .max(60)
      .regex(/^[a-z0-9]+(\/[a-z0-9]+){0,2}$/)
      .optional()
      .describe('such as linux/arm64'),
  }),
  output: z.object({
    image: z.string(),
    id: z.string(),
    digests: z.array(z.string()),
    size_bytes: z.int(),
    changed: z.boolean().describe('whether it was not on the engine before'),
    layers: z.int(),
  }),
  examples: [{ arguments: { image: 'alpine:3.22' } }],
  run: ({ image, platform }, call) =>
    withEngine(call, async (engine) => {
      const name = allowedName(image, call.required('DOCKER_ALLOWED_IMAGES'));
      const options = { ...partsOf(image), ...(platform !== undefined && { platform }) };
      const stream = await open(engine, registryLogin(call, image.repository), options);
      const layers = await follow(stream, call);
      // The proof that the pull has ended well: a stream may just end.
      const { Id, RepoDigests, Size } = await engine.getImage(name).inspect();
      const changed = !layers.status.includes('up to date');
      return { image: name, id: Id, digests: RepoDigests, size_bytes: Size, changed, layers: layers.count };
    }),
});

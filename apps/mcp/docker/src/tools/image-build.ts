import { defineTool, tailOf, ToolError, type ToolCallContext } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { contextFolder, packContext } from '../build-context.js';
import { withEngine } from '../engine.js';
import { messagesOf } from '../messages.js';
import { referenceOf } from '../reference.policy.js';
import { madeHere } from '../run.policy.js';
import { buildRoot } from '../variables.js';

// No registry has this name (RFC 2606): a build can take the place of no image that is pulled, and no pull that of a build.
const registry = 'pulser.invalid';
const maxLogBytes = 64 * 1_024;
const megabyte = 1_048_576;
const cpuPeriod = 100_000;

const relativePath = z
  .string()
  .min(1)
  .max(1_000)
  .refine((path) => !path.startsWith('/') && !path.includes('\0'), 'not relative');

const Input = z.object({
  context: relativePath.default('.').describe('folder below DOCKER_BUILD_ROOT'),
  dockerfile: relativePath
    .refine((path) => !path.split('/').includes('..'), 'outside of the context')
    .transform((path) => path.replace(/^\.\//, ''))
    .default('Dockerfile')
    .describe('in the context'),
  name: z
    .string()
    .max(200)
    .refine((name) => {
      const reference = referenceOf(`${registry}/${name}`);
      return reference !== undefined && reference.digest === undefined;
    }, 'no name of an image')
    .describe(`such as shop:1.4; the image is then ${registry}/shop:1.4`),
  target: z
    .string()
    .max(100)
    .regex(/^[\w.-]+$/)
    .optional()
    .describe('stage of the Dockerfile'),
  build_args: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.string().max(4_096)).default({}),
  network: z.enum(['bridge', 'none']).default('bridge').describe('of the steps'),
  no_cache: z.boolean().default(false),
  memory_mb: z.int().min(64).max(8_192).default(1_024).describe('of each step'),
  cpus: z.number().min(0.1).max(8).default(2),
});
type Input = z.output<typeof Input>;

const optionsOf = (input: Input, tag: string) => ({
  t: tag,
  dockerfile: input.dockerfile,
  ...(input.target !== undefined && { target: input.target }),
  buildargs: input.build_args,
  labels: madeHere,
  networkmode: input.network,
  nocache: input.no_cache,
  rm: true,
  forcerm: true,
  memory: input.memory_mb * megabyte,
  memswap: input.memory_mb * megabyte,
  cpuperiod: cpuPeriod,
  cpuquota: Math.round(input.cpus * cpuPeriod),
});

/** The log of the steps, its end; longer ones are cut while they come. */
class BuildLog {
  private text = '';
  private cut = false;
  steps = 0;

  add(part: string): void {
    if (/^Step \d+\/\d+ :/.test(part)) this.steps += 1;
    const { text, truncated } = tailOf(this.text + part, maxLogBytes);
    this.text = text;
    this.cut ||= truncated;
  }

  get end(): { readonly log: string; readonly truncated: boolean } {
    return { log: this.text, truncated: this.cut };
  }
}

// The reason of a step that failed stands in what it wrote.
const withLog = (error: unknown, log: BuildLog): unknown =>
  error instanceof ToolError && log.end.log !== ''
    ? new ToolError(error.code, `${error.message}\n${log.end.log.slice(-700)}`, { cause: error })
    : error;

const follow = async (stream: NodeJS.ReadableStream, call: ToolCallContext) => {
  const log = new BuildLog();
  let id: string | undefined;
  try {
    for await (const { stream: part = '', aux } of messagesOf(stream, call.signal)) {
      id = aux?.ID ?? id;
      log.add(part);
      const [, done, total] = /^Step (\d+)\/(\d+) :/.exec(part) ?? [];
      if (done !== undefined) call.progress(Number(done), Number(total), part.trim());
    }
  } catch (error) {
    throw withLog(error, log);
  }
  if (id === undefined) throw withLog(new ToolError('upstream_error', 'The build ended without an image'), log);
  return { id, steps: log.steps, ...log.end };
};

export const imageBuild = defineTool({
  name: 'image_build',
  title: 'Build an image',
  description: `Builds an image from a folder below DOCKER_BUILD_ROOT, without what its .dockerignore leaves out, reporting the steps. The image gets a name below ${registry}, which no registry has; DOCKER_ALLOWED_IMAGES has to list that for container_run.`,
  flag: 'write',
  timeLimitMs: 900_000,
  input: Input,
  output: z.object({
    image: z.string(),
    id: z.string(),
    steps: z.int(),
    context_files: z.int(),
    context_bytes: z.int(),
    log: z.string().describe('its end'),
    truncated: z.boolean(),
  }),
  examples: [{ arguments: { context: 'shop', name: 'shop:1.4', build_args: { VERSION: '1.4' } } }],
  run: (args, call) =>
    withEngine(call, async (engine) => {
      const root = buildRoot(call);
      const folder = await contextFolder(root, args.context);
      const { archive, files, bytes } = await packContext(root, folder, args.dockerfile);
      const image = `${registry}/${args.name.includes(':') ? args.name : `${args.name}:latest`}`;
      try {
        const stream = await engine.buildImage(archive, optionsOf(args, image));
        const result = await follow(stream, call);
        return { image, ...result, context_files: files, context_bytes: bytes };
      } finally {
        archive.destroy();
      }
    }),
});

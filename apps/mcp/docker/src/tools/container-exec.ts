import type { Readable } from 'node:stream';

import { defineTool, type ToolCallContext, ToolError } from '@pulser/mcp-server-kit';
import type { Exec } from 'dockerode';
import { z } from 'zod';

import { containerField } from '../arguments.js';
import { lostConnection, withEngine } from '../engine.js';
import { OutputCollector } from '../output.js';

const maxTimeoutS = 300;
const Text = z.string().max(32_768);

const Input = z.object({
  ...containerField,
  command: z.array(Text).min(1).max(200).describe('a program and its arguments; no shell reads them'),
  env: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.string().max(10_000)).default({}),
  working_dir: z.string().max(4_096).regex(/^\//).optional(),
  user: z
    .string()
    .max(64)
    .regex(/^[\w-]+(:[\w-]+)?$/)
    .optional(),
  timeout_s: z.int().min(1).max(maxTimeoutS).default(30),
  max_output_kb: z.int().min(1).max(256).default(64).describe('of each output; the rest is read and dropped'),
});

const execOptions = ({ command, env, working_dir, user }: z.output<typeof Input>) => ({
  Cmd: command,
  Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
  ...(working_dir !== undefined && { WorkingDir: working_dir }),
  ...(user !== undefined && { User: user }),
  AttachStdin: false,
  AttachStdout: true,
  AttachStderr: true,
  Privileged: false,
  Tty: false,
});

/** Reads all output until the command or its time ends. @returns whether the time ended first */
const readOutput = async (
  stream: Readable,
  collector: OutputCollector,
  timeout: AbortSignal,
  call: ToolCallContext,
): Promise<boolean> => {
  const end = (): void => {
    stream.destroy();
  };
  timeout.addEventListener('abort', end, { once: true });
  try {
    for await (const chunk of stream) collector.add(Buffer.from(chunk as Uint8Array));
  } catch (error) {
    if (!timeout.aborted) throw lostConnection(error, call.signal);
  } finally {
    timeout.removeEventListener('abort', end);
  }
  return timeout.aborted;
};

const run = async (exec: Exec, { timeout_s, max_output_kb }: z.output<typeof Input>, call: ToolCallContext) => {
  const timeout = AbortSignal.timeout(timeout_s * 1_000);
  const stream = (await exec.start({ Detach: false, Tty: false })) as unknown as Readable;
  const collector = new OutputCollector(false, max_output_kb * 1_024, 'first');
  const timed_out = await readOutput(stream, collector, timeout, call);
  const { Running, ExitCode } = await exec.inspect();
  const code = ExitCode;
  return {
    ...collector.output,
    timed_out,
    still_running: Running,
    ...(!Running && code !== null && { exit_code: code }),
  };
};

export const containerExec = defineTool({
  name: 'container_exec',
  title: 'Run a command in a container',
  description:
    'Runs a program with arguments, without a shell, in a running container and returns its outputs and exit code. After timeout_s the answer comes without an exit code; an engine cannot end a command, so it may run on (still_running).',
  flag: 'destructive',
  timeLimitMs: (maxTimeoutS + 30) * 1_000,
  input: Input,
  output: z.object({
    container: z.string(),
    exit_code: z.int().optional(),
    stdout: z.string(),
    stderr: z.string(),
    truncated: z.boolean(),
    timed_out: z.boolean(),
    still_running: z.boolean(),
  }),
  examples: [{ arguments: { container: 'web', command: ['nginx', '-t'] } }],
  run: (args, call) =>
    withEngine(call, async (engine) => {
      const target = engine.getContainer(args.container);
      const { State } = await target.inspect();
      if (!State.Running)
        throw new ToolError('conflict', `The container ${args.container} does not run: it is ${State.Status}`);
      const exec = await target.exec(execOptions(args));
      return { container: args.container, ...(await run(exec, args, call)) };
    }),
});

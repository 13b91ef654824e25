// Starting and ending containers that exist.
import { defineTool, type ToolCallContext } from '@pulser/mcp-server-kit';
import type { Container } from 'dockerode';
import { z } from 'zod';

import { containerField, grace, graceLimitMs, shortId } from '../arguments.js';
import { withEngine } from '../engine.js';

const Change = z.object({
  id: z.string(),
  name: z.string(),
  state_before: z.string(),
  state: z.string(),
  changed: z.boolean(),
});

const change = (
  call: ToolCallContext,
  container: string,
  act: (target: Container) => Promise<unknown>,
): Promise<z.input<typeof Change>> =>
  withEngine(call, async (engine) => {
    const target = engine.getContainer(container);
    const before = await target.inspect();
    await act(target);
    const after = await target.inspect();
    const changed = before.State.Status !== after.State.Status || before.State.StartedAt !== after.State.StartedAt;
    const names = { id: shortId(after.Id), name: after.Name.replace(/^\//, '') };
    return { ...names, state_before: before.State.Status, state: after.State.Status, changed };
  });

export const containerStart = defineTool({
  name: 'container_start',
  title: 'Start a container',
  description: 'Starts a container that is stopped; of one that runs nothing changes.',
  flag: 'write',
  idempotent: true,
  input: z.object(containerField),
  output: Change,
  examples: [{ arguments: { container: 'web' } }],
  run: ({ container }, call) => change(call, container, (target) => target.start()),
});

export const containerStop = defineTool({
  name: 'container_stop',
  title: 'Stop a container',
  description:
    'Asks a container to end, and kills it after the grace period; of one that does not run nothing changes.',
  flag: 'write',
  idempotent: true,
  timeLimitMs: graceLimitMs,
  input: z.object({ ...containerField, ...grace }),
  output: Change,
  examples: [{ arguments: { container: 'web', grace_s: 30 } }],
  run: ({ container, grace_s }, call) => change(call, container, (target) => target.stop({ t: grace_s })),
});

export const containerRestart = defineTool({
  name: 'container_restart',
  title: 'Restart a container',
  description: 'Stops a container as container_stop does, and starts it again.',
  flag: 'write',
  timeLimitMs: graceLimitMs,
  input: z.object({ ...containerField, ...grace }),
  output: Change,
  examples: [{ arguments: { container: 'web' } }],
  run: ({ container, grace_s }, call) => change(call, container, (target) => target.restart({ t: grace_s })),
});

export const containerRemove = defineTool({
  name: 'container_remove',
  title: 'Remove a container',
  description:
    'Removes a container that is stopped; with force it is killed before. Volumes without a name go with it where volumes is set.',
  flag: 'destructive',
  input: z.object({ ...containerField, force: z.boolean().default(false), volumes: z.boolean().default(false) }),
  output: z.object({ id: z.string(), name: z.string(), removed: z.literal(true) }),
  examples: [{ arguments: { container: 'web' } }],
  run: ({ container, force, volumes }, call) =>
    withEngine(call, async (engine) => {
      const target = engine.getContainer(container);
      const { Id, Name } = await target.inspect();
      await target.remove({ force, v: volumes });
      return { id: shortId(Id), name: Name.replace(/^\//, ''), removed: true as const };
    }),
});

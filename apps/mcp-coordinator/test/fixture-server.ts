// One of the servers of the catalogue, over a backend that only remembers what it was asked: with which credential, and what.
import { setTimeout as wait } from 'node:timers/promises';

import { defineTool, type McpServerDefinition, ToolError } from '@pulser/mcp-server-kit';
import { z } from 'zod';

/** A request that has reached the server. */
export interface Received {
  readonly tool: string;
  readonly token: string;
  readonly tenant: string | undefined;
  readonly given: Readonly<Record<string, unknown>>;
  readonly idempotencyKey: string | undefined;
}

/** What the server does with the next calls. */
export type Behaviour = 'answer' | 'hang' | 'break' | 'leak' | 'other_shape' | 'not_found';

const repo = { owner: z.string().regex(/^[a-z]+$/), repo: z.string().max(40) };
const done = z.object({ ok: z.boolean(), note: z.string().optional() });

export class FixtureServer {
  readonly received: Received[] = [];
  behaviour: Behaviour = 'answer';
  readonly definition: McpServerDefinition;

  constructor() {
    this.definition = {
      name: 'github',
      title: 'GitHub',
      version: '1.0.0',
      variables: [{ name: 'GITHUB_TOKEN', description: 'a token', secret: true, required: true }],
      tools: [
        this.tool('repo_get', 'read', z.object(repo)),
        this.tool('issue_create', 'write', z.object({ ...repo, title: z.string() })),
        this.tool('branch_create', 'write', z.object({ ...repo, branch: z.string() }), true),
        this.tool('workflow_dispatch', 'write', z.object({ ...repo, workflow: z.string() })),
        this.tool('pr_merge', 'destructive', z.object({ ...repo, number: z.int().min(1) })),
      ],
    };
  }

  got(tool: string): Received[] {
    return this.received.filter((one) => one.tool === tool);
  }

  private tool<I extends z.ZodObject>(
    name: string,
    flag: 'read' | 'write' | 'destructive',
    input: I,
    idempotent = false,
  ) {
    return defineTool({
      ...{ name, title: name, description: `Does ${name}`, flag, input, output: done, idempotent },
      examples: [],
      run: async (given, call) => {
        const token = call.required('GITHUB_TOKEN');
        const { tenant, idempotencyKey } = call;
        this.received.push({ tool: name, token, tenant, given: given, idempotencyKey });
        return this.answer(token, call.signal, call.progress.bind(call));
      },
    });
  }

  private async answer(
    token: string,
    signal: AbortSignal,
    progress: (done: number, total?: number, message?: string) => void,
  ): Promise<z.input<typeof done>> {
    switch (this.behaviour) {
      case 'answer':
        progress(1, 2, 'half of it');
        return { ok: true };
      case 'hang':
        await wait(60_000, undefined, { signal });
        return { ok: true };
      case 'break':
        throw new Error(`it broke with ${token}`);
      case 'leak':
        return { ok: true, note: `the token is ${token}` };
      case 'other_shape':
        return { ok: 'yes' } as unknown as z.input<typeof done>;
      case 'not_found':
        throw new ToolError('not_found', 'there is none');
    }
  }
}

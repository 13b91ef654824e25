// Pulser as an MCP server at its own address, with a client of the protocol.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

import type { Installation } from './installation.js';
import type { Started } from './started.js';
import { reaches } from './tasks.js';

interface TaskAnswer {
  readonly task_id: string;
  readonly status: string;
  readonly result?: unknown;
}

export const mcpClients = (installation: Installation): void => {
  describe('an MCP client of `npm start`', () => {
    let pulser: Started;
    let client: Client;

    beforeAll(async () => {
      pulser = await installation.running();
      client = new Client(
        { name: 'spec', version: '1.0.0' },
        {
          versionNegotiation: { mode: 'auto' },
          listChanged: { tools: { autoRefresh: false, onChanged: () => undefined } },
        },
      );
      const headers = { authorization: `Bearer ${pulser.key}` };
      await client.connect(
        new StreamableHTTPClientTransport(new URL(`${pulser.url}/mcp`), { requestInit: { headers } }),
      );
    }, 360_000);

    afterAll(() => client.close());

    const call = async <T>(name: string, args: Record<string, unknown>): Promise<T> =>
      (await client.callTool({ name, arguments: args })).structuredContent as T;

    it('finds the tools that its key may use', async () => {
      const names = (await client.listTools()).tools.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(['find_tool', 'github__repo_get', 'kubernetes__k8s_pod_list']));
      expect(names).not.toContain('github__pr_merge');
      const { tools } = await call<{ tools: { name: string }[] }>('find_tool', { query: 'Which pods keep crashing?' });
      expect(tools.map(({ name }) => name)).toContain('kubernetes__k8s_pod_list');
    });

    it('submits a task, waits for it and has it explained', async () => {
      const payload = { operation: 'query', sources: [], sql: 'select 42 as answer' };
      const order = { task_type: 'analytics', payload, idempotency_key: 'mcp-1' };
      const { task_id: taskId } = await call<TaskAnswer>('pulser__submit_task', order);
      expect((await call<TaskAnswer>('pulser__submit_task', order)).task_id).toBe(taskId);
      const ended = await call<TaskAnswer>('pulser__wait_for_task', { task_id: taskId, wait_s: 50 });
      expect(ended).toMatchObject({ status: 'completed' });
      expect(JSON.stringify(ended.result)).toContain('42');
      expect(JSON.stringify(await call('pulser__explain_task', { task_id: taskId }))).toContain(taskId);
    });

    it('searches memories, lists datasets and asks agents', async () => {
      await pulser.call('/api/v1/memories', { type: 'preference', content: 'Reports are sent on Mondays.' });
      const found = await call<{ hits: { content: string }[] }>('pulser__search_memory', {
        text: 'When do reports go out?',
      });
      expect(found.hits[0]?.content).toBe('Reports are sent on Mondays.');
      expect(await call('pulser__list_datasets', {})).toMatchObject({ datasets: expect.any(Array) as unknown[] });
      // The model of this installation never answers.
      const asked = await call<TaskAnswer>('pulser__ask_agent', { agent: 'dash', question: 'How are you?', wait_s: 1 });
      expect(['queued', 'running']).toContain(asked.status);
      await pulser.call(`/api/v1/tasks/${asked.task_id}/cancel`, {});
      await reaches(pulser, asked.task_id, { status: 'cancelled' });
    });

    it('is told what is wrong with a call, and what a tool needs', async () => {
      const task = await client.callTool({
        name: 'pulser__submit_task',
        arguments: { task_type: 'nothing', payload: {} },
      });
      expect(task).toMatchObject({ isError: true, structuredContent: { code: 'task_type_not_served' } });
      const repository = await client.callTool({
        name: 'github__repo_get',
        arguments: { repository: 'octocat/hello' },
      });
      expect(repository).toMatchObject({ isError: true, _meta: { 'io.pulser/error': { code: 'not_configured' } } });
    });
  });
};

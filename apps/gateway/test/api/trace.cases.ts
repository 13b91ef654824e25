import type { TaskTrace } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import { GatewayUnderTest } from '../gateway-under-test.js';
import { sharedGateway } from '../shared-gateway.js';

describe('the trace of a task', () => {
  it('shows its waits and attempts also when nothing is stored', async () => {
    const gateway = await sharedGateway();
    const { client, tenantId } = await gateway.client();
    const taskId = await client.submit();
    const get = async (): Promise<TaskTrace> => (await client.get<TaskTrace>(`/api/v1/tasks/${taskId}/trace`)).body;
    expect((await get()).spans.map(({ name, duration_ms }) => [name, duration_ms])).toEqual([
      ['task', null],
      ['wait', null],
    ]);
    await gateway.worker.complete(tenantId, taskId);
    const trace = await get();
    expect(trace).toMatchObject({ task_id: taskId, trace_id: expect.stringMatching(/^[\da-f]{32}$/) as string });
    const names = trace.spans.filter(({ derived }) => derived).map(({ name }) => name);
    expect(names).toEqual(['task', 'wait', 'attempt']);
    expect(new Set(trace.spans.slice(1).map(({ parent_id }) => parent_id))).toEqual(new Set(['task']));
  });

  it('shows the submission in the trace of its client, also by the fast path, when it is one of those that are kept', async () => {
    const gateway = await GatewayUnderTest.start(() => ({ TRACE_STORED_SAMPLE: '1' }));
    const { client } = await gateway.client();
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    const body = { task_type: 'analytics', payload: { operation: 'query' } };
    for (const headers of [{ traceparent }, { traceparent, 'idempotency-key': 'slow' }]) {
      const answer = await client.call<{ task_id: string }>('/api/v1/tasks', { body, headers });
      await eventually(async () => {
        const trace = await client.get<TaskTrace>(`/api/v1/tasks/${answer.body.task_id}/trace`);
        expect(trace.body).toMatchObject({ trace_id: traceId, stored: true });
        expect(trace.body.spans).toContainEqual(
          expect.objectContaining({
            name: 'submit',
            span_id: answer.headers.get('traceparent')?.split('-')[2],
            parent_id: 'task',
            service: 'gateway',
          }),
        );
      });
    }
    await gateway.stop();
  });
});

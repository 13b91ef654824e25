import { TaskSpans } from '@pulser/context-bus';
import type { TaskSpan, TaskTrace } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import { inlineSkill } from './inline.skill.js';
import { threadedSkill } from './threaded.skill.js';
import { Worker } from './worker.js';

const traceId = '0af7651916cd43dd8448eb211c80319c';

describe('the spans of an attempt', () => {
  let worker: Worker;

  const start = async (share: string, skill = inlineSkill): Promise<void> => {
    worker = await Worker.start({ TRACE_STORED_SAMPLE: share }, skill);
  };

  afterEach(() => worker.stop());

  const traceOf = (taskId: string): Promise<TaskTrace> =>
    eventually(async () => {
      const trace = await new TaskSpans(worker.database).of(worker.tenantId, taskId);
      if (trace?.stored !== true) throw new Error('Nothing is stored');
      return trace;
    });

  const stored = ({ spans }: TaskTrace): TaskSpan[] => spans.filter(({ derived }) => !derived);

  it.each([
    ['in its own thread', inlineSkill],
    ['in a thread of theirs', threadedSkill],
  ])('show the handler %s and what it asked of its worker, in the trace of its submission', async (_, skill) => {
    await start('1', skill);
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    const taskId = await worker.submit({ operation: 'tell' }, { traceparent });
    await worker.publisher.dispatch(
      'dash',
      [{ task_id: taskId, tenant_id: worker.tenantId, task_type: 'analytics', dispatch_id: 1, traceparent }],
      5,
    );
    const trace = await traceOf(taskId);
    const spans = stored(trace);
    const named = (name: string): TaskSpan | undefined => spans.find((span) => span.name === name);
    expect(trace.trace_id).toBe(traceId);
    expect(named('run analytics')).toMatchObject({
      parent_id: 'task',
      service: 'dash',
      attempt: 1,
      attributes: { outcome: 'completed', operation: 'tell' },
    });
    expect(named('handler')?.parent_id).toBe(named('run analytics')?.span_id);
    expect(named('artifact')?.parent_id).toBe(named('handler')?.span_id);
    expect(named('write the end')).toBeDefined();
    expect(trace.spans.filter(({ name }) => name === 'attempt')).toEqual([]);
  });

  it('are kept of a failure, of whatever share, and not of ordinary tasks', async () => {
    await start('0.000000001');
    const ordinary = await worker.run({ operation: 'echo', value: 1 }, 'completed');
    const failed = await worker.run({ operation: 'unheard-of' }, 'failed');
    const trace = await traceOf(failed.taskId);
    expect(stored(trace)[0]).toMatchObject({ error: 'unknown_operation', attributes: { outcome: 'failed' } });
    expect(await worker.server.query('select from task_span where task_id = $1', [ordinary.taskId])).toHaveLength(0);
  });

  it('are not kept when none shall be', async () => {
    await start('0');
    await worker.run({ operation: 'unheard-of' }, 'failed');
    await worker.service.close();
    expect(await worker.server.query('select from task_span')).toHaveLength(0);
  });
});

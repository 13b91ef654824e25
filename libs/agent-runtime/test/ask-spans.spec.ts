// Spans and metrics of an `ask` by the conventions of OpenTelemetry, without what was asked and answered.
import { TaskSpans } from '@pulser/context-bus';
import type { TaskSpan } from '@pulser/contracts';
import { eventually } from '@pulser/testing';
import { calls, ModelServer, says } from '@pulser/testing/models';

import { Router } from './router.js';
import { waitingSkill } from './waiting.skill.js';
import { Worker } from './worker.js';

describe('the spans of an ask', () => {
  let server: ModelServer;
  let worker: Worker;
  let router: Router;

  beforeAll(async () => {
    server = await ModelServer.start(({ messages }) => {
      const asked = messages.some(({ role, content }) => role === 'user' && content === 'a whispered question');
      if (!asked || messages.some(({ role }) => role === 'tool')) return says('a whispered answer', usage);
      return calls({ name: 'delegate', arguments: { task_type: 'analytics', question: 'a whispered detail' } });
    });
    const env = { LLM_BASE_URL: server.url, LLM_MODEL: 'tester', LLM_PRICES: '{"tester": {"input": 1, "output": 1}}' };
    worker = await Worker.start({ ...env, CONCURRENCY: '1', TRACE_STORED_SAMPLE: '1' }, waitingSkill);
    router = new Router(worker);
  });

  afterAll(async () => {
    await router.stop();
    await worker.stop();
    await server.stop();
  });

  const usage = { inputTokens: 12, outputTokens: 4 };

  it('name agent, model, tool, conversation and tokens; a wait is no failure; no content is in them', async () => {
    const payload = {
      operation: 'ask',
      question: 'a whispered question',
      conversation_id: 'talk:1',
      delegate_to: [{ task_type: 'analytics', tools: [] }],
    };
    const submitter = { submitted_by: 'someone', submitter: { role: 'operator' as const } };
    const taskId = await worker.submit(payload, submitter);
    await worker.reaches(taskId, 'completed');
    const spans = await eventually(async () => {
      const trace = await new TaskSpans(worker.database).of(worker.tenantId, taskId);
      const kept = (trace?.spans ?? []).filter(({ derived }) => !derived);
      expect(kept.filter(({ name }) => name === 'invoke_agent dash')).toHaveLength(2);
      return kept;
    });
    const named = (name: string): TaskSpan[] => spans.filter((span) => span.name === name);
    for (const { error, attributes } of named('invoke_agent dash')) {
      expect(error).toBeNull();
      expect(attributes).toMatchObject({
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': 'dash',
        'gen_ai.conversation.id': 'talk:1',
      });
    }
    expect(named('chat tester')).toHaveLength(2);
    expect(named('chat tester').at(-1)?.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': '127.0.0.1',
      'gen_ai.request.model': 'tester',
      'gen_ai.response.model': 'tester',
      'gen_ai.usage.input_tokens': 12,
      'gen_ai.usage.output_tokens': 4,
    });
    expect(named('execute_tool delegate')[0]?.attributes).toMatchObject({
      'gen_ai.tool.name': 'delegate',
      'gen_ai.tool.call.id': 'ask:1:0',
    });
    expect(JSON.stringify(spans)).not.toContain('whispered');
    const metrics = await worker.metrics();
    expect(metrics).toMatch(
      /gen_ai_client_token_usage_count\{gen_ai_operation_name="chat",gen_ai_token_type="input"[^}]*\} 3/,
    );
    expect(metrics).not.toContain('whispered');
  });
});

import type { ModelCallView } from '@pulser/contracts';

import { askSteps } from './ask-steps.policy.js';

const call = (step: string, outcome: ModelCallView['outcome'] = 'answered'): ModelCallView => ({
  call_id: '019a0000-0000-7000-8000-000000000000',
  step,
  agent: 'dash',
  model: 'small',
  state: 'settled',
  outcome,
  http_status: 200,
  input_tokens: 10,
  output_tokens: 5,
  micros: 15,
  reserved_micros: 100,
  made_at: '2026-11-29T10:00:00.000Z',
  ended_at: '2026-11-29T10:00:01.000Z',
});

describe('the steps of an ask', () => {
  it('are its requests, each with the tools that it called, the summary first', () => {
    const calls = [call('ask:summary'), call('ask:1', 'refused'), call('ask:1'), call('ask:2'), call('ask:10')];
    const result = {
      tools: [
        { step: 1, tool: 'query', ok: true },
        { step: 2, tool: 'shell', ok: false },
      ],
    };
    const steps = askSteps({ budgets: [], calls }, result);
    expect(steps.map((one) => `${one.step} ${one.kind === 'tool' ? one.tool : (one.call.outcome ?? '')}`)).toEqual([
      'summary answered',
      '1 refused',
      '1 answered',
      '1 query',
      '2 answered',
      '2 shell',
      '10 answered',
    ]);
  });

  it('have no tools while there is no result, or another one', () => {
    for (const result of [null, 'text', { tools: 'none' }, { tools: [{ tool: 1 }] }])
      expect(askSteps({ budgets: [], calls: [] }, result)).toEqual([]);
  });
});

import { inputTokensOf, tokensOf } from './estimate.policy.js';

const request = (content: string) => ({
  messages: [{ role: 'user' as const, content }],
  tools: [],
  format: { kind: 'text' as const },
});

describe('the estimate', () => {
  it('counts by the tokenizer, and by bytes above 32 KB', () => {
    expect(tokensOf('hello world')).toBe(2);
    expect(tokensOf('a'.repeat(40_000))).toBe(20_000);
    expect(tokensOf('é'.repeat(20_000))).toBe(20_000);
  });

  it('takes the name of a special token for text', () => {
    expect(tokensOf('<|endoftext|> and <|im_start|>')).toBeGreaterThan(2);
  });

  it('lies above the tokens of the texts, with tools, their calls and the schema', () => {
    const bare = inputTokensOf(request('one two three'));
    expect(bare).toBeGreaterThan(tokensOf('one two three'));
    const parameters = { type: 'object', properties: { sql: { type: 'string' } } };
    const tool = { name: 'query', description: 'Runs SQL', parameters };
    const withTool = inputTokensOf({ ...request('one two three'), tools: [tool] });
    expect(withTool).toBeGreaterThan(bare + tokensOf(JSON.stringify(parameters)));
    const schema = inputTokensOf({ ...request('one two three'), format: { kind: 'schema', schema: parameters } });
    expect(schema).toBeGreaterThan(bare);
    const toolCalls = [{ id: 'a', name: 'query', arguments: '{"sql": "select 1"}' }];
    const called = { ...request(''), messages: [{ role: 'assistant' as const, content: '', toolCalls }] };
    expect(inputTokensOf(called)).toBeGreaterThan(inputTokensOf(request('')));
  });
});

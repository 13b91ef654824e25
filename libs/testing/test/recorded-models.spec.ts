import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { calls, inTurn, type ModelRequest, ModelServer, recording, replaying, says } from '../src/models/index.js';

const question: ModelRequest = { model: 'a', messages: [{ role: 'user', content: 'How many?' }] };
const other: ModelRequest = { ...question, messages: [{ role: 'user', content: 'Since when?' }] };

it('gives the answers of a real model again, whichever model is asked, and no others', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pulser-recorded-'));
  const upstream = await ModelServer.start(
    inTurn(says('seven', { inputTokens: 3, outputTokens: 1 }), calls({ name: 'count', arguments: { of: 'all' } })),
  );
  try {
    const file = join(folder, 'answers.jsonl');
    const record = recording(file, { baseUrl: upstream.url, key: 'k' });
    const first = await record(question, 1);
    const second = await record(other, 2);
    expect(upstream.asked).toHaveLength(2);
    const replay = await replaying(file);
    expect(await replay({ ...question, model: 'b' }, 1)).toEqual(first);
    expect(await replay(other, 2)).toEqual(second);
    expect(first).toMatchObject({ kind: 'answer', text: 'seven', usage: { inputTokens: 3, outputTokens: 1 } });
    expect(await replay({ ...question, messages: [] }, 3)).toMatchObject({ kind: 'status', code: 'not_recorded' });
  } finally {
    await upstream.stop();
    await rm(folder, { recursive: true });
  }
});

import { SentEvents } from './sse.policy.js';

const stream =
  'retry: 500\n\n: comment\n\nevent: task\nid: 7\ndata: {"a":1}\n\ndata: x\r\ndata: y\r\n\r\nevent: reset\rdata:\r\r';

const expected = [
  { event: 'task', data: '{"a":1}', id: '7' },
  { event: 'message', data: 'x\ny', id: '7' },
  { event: 'reset', data: '', id: '7' },
];

describe('server-sent events', () => {
  it('are read in one piece', () => {
    expect(new SentEvents().read(`${stream}\n`)).toEqual(expected);
  });

  it('are the same wherever the pieces end', () => {
    for (let size = 1; size < 12; size += 1) {
      const events = new SentEvents();
      const pieces = Array.from({ length: Math.ceil(stream.length / size) }, (_, n) =>
        stream.slice(n * size, (n + 1) * size),
      );
      expect([...pieces.flatMap((piece) => events.read(piece)), ...events.read('\n')]).toEqual(expected);
    }
  });

  it('are none before their empty line', () => {
    expect(new SentEvents().read('event: task\ndata: 1\n')).toEqual([]);
  });
});

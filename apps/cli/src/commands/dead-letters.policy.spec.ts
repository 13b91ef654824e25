import { deadLetterLines } from './dead-letters.command.js';

const deadLetter = {
  id: '019a0000-0000-7000-8000-000000000000',
  createdAt: new Date('2026-01-01T00:00:00Z'),
  reason: 'unauthenticated',
  detail: 'The API key is not valid',
  sourceQueue: 'router.tasks',
  routingKey: 'task.submit',
  messageId: null,
  bytes: 15,
  beginning: Buffer.from('{"task_type":1}'),
};

describe('a dead letter in the list', () => {
  it('shows where it came from, why it was rejected and how it begins', () => {
    expect(deadLetterLines(deadLetter)).toBe(
      '019a0000-0000-7000-8000-000000000000  2026-01-01T00:00:00.000Z  unauthenticated  router.tasks  task.submit  -' +
        '  15 bytes\n    The API key is not valid: {"task_type":1}',
    );
  });

  it('cannot steer a terminal', () => {
    const hostile = { ...deadLetter, routingKey: 'a\u009b2J', beginning: Buffer.from('\u001b[2J\nx\u202e') };
    expect(deadLetterLines(hostile)).toContain('a.2J');
    expect(deadLetterLines(hostile).split('\n')).toHaveLength(2);
    expect(deadLetterLines(hostile)).toContain(': .[2J.x.');
  });
});

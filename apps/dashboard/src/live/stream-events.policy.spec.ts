import { messagesOf } from './stream-events.policy.js';

const change = { task_id: '01a20706-61b3-75f5-bc08-21fcde8b6b89', status: 'completed' };

const of = (event: string, data: unknown): unknown => messagesOf({ event, data: JSON.stringify(data), id: '' });

describe('an event of the stream', () => {
  it('tells of changes, one or several', () => {
    expect(of('task', change)).toEqual([{ kind: 'tasks', changes: [change] }]);
    expect(of('tasks', { changes: [change], left_out: {} })).toEqual([{ kind: 'tasks', changes: [change] }]);
  });

  it('has the tasks read again when some were left out', () => {
    expect(of('tasks', { changes: [], left_out: { completed: 900 } })).toEqual([{ kind: 'hint', what: ['tasks'] }]);
  });

  it('has everything read again when something may have been missed', () => {
    expect(of('ready', { resumed: false })).toEqual([{ kind: 'reset' }]);
    expect(of('reset', { reason: 'gap' })).toEqual([{ kind: 'reset' }]);
    expect(of('ready', { resumed: true })).toEqual([]);
  });

  it('names what may have changed', () => {
    expect(of('hint', { what: ['pauses', 'tomorrow'] })).toEqual([{ kind: 'hint', what: ['pauses'] }]);
  });

  it.each(['task', 'tasks', 'hint', 'message'])('is passed over when it is not understood: %s', (event) => {
    expect(messagesOf({ event, data: '{', id: '' })).toEqual([]);
    expect(messagesOf({ event, data: 'null', id: '' })).toEqual([]);
    expect(of(event, [])).toEqual([]);
  });
});

import type { CallFact, TaskFact } from '../check/facts.js';
import { Timeline, type TimelineSource } from './timeline.js';

const completed = (createdAt: number, completedAt: number): TaskFact => ({
  taskId: `t${createdAt}`,
  ref: null,
  status: 'completed',
  attempts: 1,
  maxAttempts: 4,
  createdAt,
  updatedAt: completedAt,
  completedAt,
  dueAt: null,
  errorCode: null,
});

const begin = (taskId: string, pid: number, at: number): CallFact => ({
  phase: 'begin',
  ref: '',
  taskId,
  attempt: 1,
  pid,
  at,
});

const timeline = (source: Partial<TimelineSource>): Timeline =>
  new Timeline({ tasks: [], calls: [], lostWorkers: [], complaints: [], ...source });

describe('Timeline', () => {
  it('measures recovery from the end of the fault to the first end of a task submitted after it', () => {
    const tasks = [completed(90, 105), completed(110, 900), completed(120, 300)];
    expect(timeline({ tasks }).recoverMs({ at: 50, over: 100 })).toBe(200);
  });

  it('knows no recovery when nothing ended any more', () => {
    expect(timeline({ tasks: [completed(90, 105)] }).recoverMs({ at: 50, over: 100 })).toBeNull();
  });

  it('measures a worker by the tasks that ran on it: the last of them to run again', () => {
    const calls = [
      begin('a', 1, 10),
      begin('b', 1, 20),
      begin('c', 2, 30),
      begin('a', 2, 150),
      begin('b', 3, 180),
      begin('c', 3, 900),
    ];
    const lostWorkers = [
      { taskId: 'a', at: 140 },
      { taskId: 'b', at: 130 },
      { taskId: 'c', at: 890 },
    ];
    const lines = timeline({ calls, lostWorkers });
    expect(lines.recoverMs({ at: 100, over: 101, workerPid: 1 })).toBe(80);
    expect(lines.detectMs({ at: 100, over: 101, workerPid: 1 })).toBe(30);
  });

  it('takes the first complaint that fits for the moment of notice', () => {
    const complaints = [
      { at: 90, text: 'lost' },
      { at: 120, text: 'other' },
      { at: 130, text: 'lost' },
    ];
    expect(timeline({ complaints }).detectMs({ at: 100, over: 110, signs: /lost/ })).toBe(30);
    expect(timeline({ complaints }).detectMs({ at: 100, over: 110, signs: /never/ })).toBeNull();
  });
});

import { TaskError } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import { Thread } from './thread.js';

describe('a thread of a handler', () => {
  let thread: Thread;

  beforeEach(() => {
    thread = new Thread();
  });

  afterEach(() => thread.thread.end());

  it('shows no secret of the worker in its environment', async () => {
    expect(process.env).toHaveProperty('DATABASE_URL');
    const seen = await thread.run('write');
    expect(['PATH', 'TZ', 'LANG', 'LC_ALL', 'TMPDIR']).toEqual(expect.arrayContaining(seen as string[]));
  });

  it('hands over what its handler writes, line by line, with the task it belongs to', async () => {
    await thread.run('write', 'task-7');
    await eventually(() => {
      expect(thread.lines).toHaveLength(2);
    });
    expect(thread.lines).toEqual(
      expect.arrayContaining([
        ['task-7', 'written to output'],
        ['task-7', 'written to error'],
      ]),
    );
  });

  it('is used again after a failure of its handler', async () => {
    await expect(thread.run('unsendable')).rejects.toMatchObject({
      code: 'handler_failed',
      permanent: true,
      message: 'The handler returned something that is not JSON: Do not know how to serialize a BigInt',
    });
    expect(thread.thread.usable).toBe(true);
    await expect(thread.run('write')).resolves.toBeDefined();
    expect(thread.exits).toBe(0);
  });

  const natural = ['[object Object]'];
  const hostile = [
    '__proto__',
    'constructor',
    'hasOwnProperty',
    'toString',
    'valueOf',
    '__defineGetter__',
    'prototype',
  ];

  it.each(hostile)(
    'takes no member of its plain objects from the text %s, and ends when it took one elsewhere',
    async (text) => {
      const pairs = hostile.concat('a', 'keys').map((other) => [text, other]);
      const run = (): Promise<unknown> => thread.run('count-pairs', 'task', undefined, { pairs });
      // It may harm itself.
      await run().catch(() => undefined);
      if (!thread.thread.usable) thread = new Thread();
      expect(await thread.run('count-pairs', 'task', undefined, { pairs: [] })).toEqual(natural);
    },
  );

  it('is used again after texts that change nothing that others share', async () => {
    expect(await thread.run('count-pairs', 'task', undefined, { pairs: [['a', 'b']] })).toEqual(natural);
    expect(thread.thread.usable).toBe(true);
  });

  it('brings every fact of a TaskError', async () => {
    const error = await thread.run('fail').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TaskError);
    expect(error).toMatchObject({
      code: 'query_failed',
      message: 'no such table',
      permanent: false,
      facts: { details: { line: 3 }, retryAfterMs: 3_600_000 },
    });
  });

  it('may call whatever its worker offers by name, without a line of the protocol', async () => {
    thread.calls['weigh'] = (name: string, content: Uint8Array) =>
      name === '' ? Promise.reject(new TaskError('handler_failed', 'no name')) : { name, bytes: content.byteLength };
    expect(await thread.run('weigh')).toEqual({
      first: { name: 'first', bytes: 3 },
      second: { name: 'second', bytes: 2 },
      // The worker got copies.
      kept: 3,
      refused: 'no name',
    });
  });

  it('has no function that its worker does not offer', async () => {
    await expect(thread.run('weigh')).rejects.toMatchObject({ message: 'weigh is not a function' });
  });

  it.each([
    ['process.exit()', 'exit', 'handler_crashed', 'The handler ended its thread (exit code 7)'],
    ['an error that nobody catches', 'crash', 'handler_crashed', "The handler's thread died: thrown by a timer"],
    ['too much memory', 'hoard', 'resource_limit', 'The handler needs more memory than it may have'],
  ])('ends with %s, and says so', async (_cause, operation, code, message) => {
    await expect(thread.run(operation)).rejects.toMatchObject({ code, message });
    expect(thread.thread.usable).toBe(false);
    expect(thread.exits).toBe(1);
  });

  it('can be ended while its handler computes for ever', async () => {
    const spinning = thread.run('spin');
    const failed = expect(spinning).rejects.toMatchObject({ code: 'handler_crashed' });
    await thread.thread.end();
    await failed;
  });
});

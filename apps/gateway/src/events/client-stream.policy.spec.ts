import type { TaskChange } from '@pulser/contracts';

import { ClientStream } from './client-stream.js';
import { keptMs, TenantFeed } from './tenant-feed.js';

const change = (task_id: string): TaskChange => ({
  task_id,
  task_type: 'analytics',
  agent: 'dash',
  status: 'running',
  attempt: 1,
  at: '2026-11-23T10:00:00.000Z',
});

const maxBytes = 10_000;

class Scene {
  readonly feed = new TenantFeed();
  readonly resets: string[] = [];
  gaveUp = 0;
  private made = 0;

  client(cursor?: string): ClientStream {
    return new ClientStream(
      {
        feed: this.feed,
        heartbeatMs: 1_000,
        onReset: (reason) => this.resets.push(reason),
        giveUp: () => {
          this.gaveUp += 1;
        },
      },
      cursor,
    );
  }

  /** So many frames of one change each. */
  happens(frames: number, client?: ClientStream): void {
    for (let n = 0; n < frames; n += 1) {
      this.made += 1;
      this.feed.add(change(`task-${this.made}`));
      this.feed.flush(this.made, maxBytes);
      client?.pump();
    }
  }
}

/** What is there for the client to read now. */
const taken = ({ body }: ClientStream): string => {
  let text = '';
  for (let bytes = body.read() as Buffer | null; bytes !== null; bytes = body.read() as Buffer | null)
    text += bytes.toString();
  return text;
};

const names = (text: string): string[] => [...text.matchAll(/^event: (.*)$/gm)].map(([, name = '']) => name);

describe('the stream of one client', () => {
  it('begins with `ready`, and goes on with what happens', () => {
    const scene = new Scene();
    scene.happens(3);
    const client = scene.client();
    const first = taken(client);
    expect([names(first), first]).toEqual([['ready'], expect.stringContaining(`id: ${scene.feed.cursor}\n`)]);
    scene.happens(2, client);
    expect(names(taken(client))).toEqual(['task', 'task']);
  });

  it('goes on after the cursor of a client that comes back', () => {
    const scene = new Scene();
    scene.happens(1);
    const { cursor } = scene.feed;
    scene.happens(2);
    const text = taken(scene.client(cursor));
    expect(names(text)).toEqual(['ready', 'task', 'task']);
    expect(text).toContain('"resumed":true');
    expect(text).toContain('task-3');
    expect(text).not.toContain('task-1"');
  });

  it('begins with `reset` for a cursor that it does not know', () => {
    const scene = new Scene();
    expect(names(taken(scene.client(new TenantFeed().cursor)))).toEqual(['reset']);
    expect(scene.resets).toEqual(['unknown_cursor']);
  });

  it('holds little for a client that does not read, which gets a reset when it reads again', () => {
    const scene = new Scene();
    const client = scene.client();
    client.body.read();
    scene.happens(5_000, client);
    expect(client.body.readableLength + scene.feed.bytes).toBeLessThan(100_000);
    const text = taken(client);
    expect(names(text).filter((name) => name === 'reset')).toHaveLength(1);
    expect(scene.resets).toEqual(['slow']);
    // Nothing is between the reset and the present.
    expect(text.slice(text.indexOf('event: reset'))).not.toContain('event: task');
    scene.happens(1, client);
    expect(names(taken(client))).toEqual(['task']);
  });

  it('says that there was a gap', () => {
    const scene = new Scene();
    const client = scene.client();
    taken(client);
    scene.feed.interrupt();
    client.pump();
    expect([names(taken(client)), scene.resets]).toEqual([['reset'], ['gap']]);
  });

  it('gives up a client that has not read for a minute, but not one for which there was nothing', () => {
    const inAMinute = (): number => performance.now() + keptMs + 1;
    const [calm, busy] = [new Scene(), new Scene()];
    const reading = calm.client();
    taken(reading);
    reading.keepAlive(inAMinute());
    expect([names(taken(reading)), calm.gaveUp]).toEqual([[], 0]);
    const deaf = busy.client();
    deaf.body.read();
    busy.happens(5_000, deaf);
    deaf.keepAlive(inAMinute());
    expect(busy.gaveUp).toBe(1);
  });

  it('ends when it is stopped', async () => {
    const client = new Scene().client();
    client.stop();
    await expect(client.body.toArray()).resolves.toEqual([]);
  });
});

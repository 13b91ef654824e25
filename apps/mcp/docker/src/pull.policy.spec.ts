import { PullLayers } from './pull.policy.js';

describe('the progress of a pull', () => {
  it('adds up the downloads of the layers, each byte once', () => {
    const layers = new PullLayers();
    const say = (id: string | undefined, status: string, current?: number, total?: number): void => {
      layers.add({ id, status, progressDetail: { current, total } });
    };
    say('3.22', 'Pulling from library/alpine');
    say('a', 'Pulling fs layer');
    say('a', 'Downloading', 10, 100);
    say('b', 'Downloading', 20, 50);
    expect(layers.progress).toEqual({ current: 30, total: 150 });
    say('a', 'Download complete');
    say('a', 'Extracting', 1, 100);
    expect(layers.progress).toEqual({ current: 120, total: 150 });
    say('c', 'Already exists');
    say(undefined, 'Status: Downloaded newer image for alpine:3.22');
    expect([layers.count, layers.status]).toEqual([3, 'Status: Downloaded newer image for alpine:3.22']);
  });
});

import { entryPoint } from '@pulser/isolation';

import type { Picture } from '../src/frame.policy.js';
import { Painter } from '../src/painter.js';

const picture = (title: string): Picture => ({
  option: { animation: false, title: { text: title }, series: [{ type: 'pie', data: [1, 2] }] },
  width: 320,
  height: 240,
});

const soon = (): AbortSignal => AbortSignal.timeout(100_000);

describe('the painter', () => {
  const painter = new Painter();
  afterAll(() => {
    painter.close();
  });

  it('draws an SVG, and a PNG of twice its size', async () => {
    const { svg, png } = await painter.paint(picture('Hello'), soon());
    expect(Buffer.from(svg).toString()).toMatch(/^<svg width="320" height="240".*Hello/s);
    const bytes = Buffer.from(png);
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([640, 480]);
  });

  it('writes text that looks like markup as text', async () => {
    const { svg } = await painter.paint(picture('</text><script>alert("1")</script>'), soon());
    expect(Buffer.from(svg).toString()).not.toContain('<script');
  });

  it('gives each of several tasks its own picture', async () => {
    const titles = ['one', 'two', 'three'];
    const drawings = await Promise.all(titles.map((title) => painter.paint(picture(title), soon())));
    drawings.forEach(({ svg }, index) => {
      expect(Buffer.from(svg).toString()).toContain(`>${titles[index]}<`);
    });
  });

  it('gives up a picture with its task', async () => {
    const reason = new Error('cancelled');
    await expect(painter.paint(picture('late'), AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const painting = painter.paint(picture('late'), controller.signal);
    controller.abort(reason);
    await expect(painting).rejects.toBe(reason);
  });

  it('passes on what went wrong with a picture', async () => {
    const broken = { ...picture('x'), option: { series: [{ type: 'nonsense' }] } as unknown as Picture['option'] };
    await expect(painter.paint({ ...broken, width: -1 }, soon())).rejects.toThrow();
    expect((await painter.paint(picture('next'), soon())).png.length).toBeGreaterThan(1_000);
  });

  it('fails the pictures of a process that it ends, and starts another one for the next', async () => {
    const painting = painter.paint(picture('x'), soon());
    const failed = expect(painting).rejects.toThrow('The process that draws charts ended');
    painter.close();
    await failed;
    expect((await painter.paint(picture('next'), soon())).png.length).toBeGreaterThan(1_000);
  });

  it('fails the picture on which its process dies, and starts another one for the next', async () => {
    const dying = new Painter(entryPoint(import.meta.url, './fixtures/dying.process'));
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(dying.paint(picture('x'), soon())).rejects.toMatchObject({
        message: 'The process that draws charts ended',
        cause: { message: 'It ended with SIGABRT' },
      });
    }
  });
});

// How smoothly a page draws while changes stream in.
import type { Page } from 'playwright-core';

interface Recorder {
  requestAnimationFrame(frame: (at: number) => void): void;
  benchFrames?: { readonly deltas: number[]; isOver: boolean };
}

/** From here on the times between two frames are recorded in the page. */
export const recordFrames = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const frames = { deltas: [] as number[], isOver: false };
    const recorder = globalThis as unknown as Recorder;
    recorder.benchFrames = frames;
    let last: number | undefined;
    const frame = (at: number): void => {
      if (last !== undefined) frames.deltas.push(at - last);
      last = at;
      if (!frames.isOver) recorder.requestAnimationFrame(frame);
    };
    recorder.requestAnimationFrame(frame);
  });

/** Ends the recording. @returns milliseconds between each two frames @throws when none was drawn */
export const recordedFrames = async (page: Page): Promise<number[]> => {
  const deltas = await page.evaluate(() => {
    const { benchFrames: frames } = globalThis as unknown as Recorder;
    if (frames !== undefined) frames.isOver = true;
    return frames?.deltas ?? [];
  });
  if (deltas.length === 0) throw new Error('the page drew no frame');
  return deltas;
};

// Downloads of a version. CSV and NDJSON are made by a task the first time: until it has ended there is no file to save.
import { send } from '../../api/client.js';
import { isApiError } from '../../api/problem.js';

export const downloadFormats = ['parquet', 'csv', 'ndjson'] as const;
export type DownloadFormat = (typeof downloadFormats)[number];

/** Between two questions; the server waits up to 30 s in each. */
const pauseMs = 1_000;

const pause = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, pauseMs);
  });

/** Waits until the file is there: asked for its first byte, so that nothing large comes. @throws ApiError */
const untilThere = async (url: string): Promise<void> => {
  for (;;) {
    try {
      const response = await send(url, { headers: { accept: '*/*', range: 'bytes=0-0' } });
      await response.body?.cancel();
      if (response.status !== 202) return;
    } catch (error) {
      // An empty file has no first byte.
      if (isApiError(error, 'range_not_satisfiable')) return;
      throw error;
    }
    await pause();
  }
};

/** Saves a version as a file. @param content path of its content @throws ApiError */
export const download = async (content: string, format: DownloadFormat): Promise<void> => {
  const url = `${content}?format=${format}`;
  if (format !== 'parquet') await untilThere(url);
  const link = document.createElement('a');
  link.href = url;
  link.download = '';
  link.click();
};

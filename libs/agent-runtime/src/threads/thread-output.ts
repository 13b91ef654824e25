import type { Readable } from 'node:stream';

const maxLineCharacters = 4_000;

/**
 * Passes on what a thread writes, line by line and bounded. A line that comes in pieces is told in pieces: nothing is
 * kept that could grow.
 */
export const tellLines = (output: Readable, tell: (line: string) => void): void => {
  output.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n')) if (line.trim() !== '') tell(line.slice(0, maxLineCharacters));
  });
};

import fc from 'fast-check';

import { Demultiplexer } from './multiplexed.policy.js';

const frame = (type: number, text: string): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt8(type, 0);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
};

const read = (chunks: readonly Buffer[]) => {
  const frames = new Demultiplexer();
  const texts = { stdout: '', stderr: '' };
  for (const chunk of chunks) for (const { name, bytes } of frames.push(chunk)) texts[name] += bytes.toString('latin1');
  return { ...texts, complete: frames.complete };
};

const cutAt = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
};

describe('the output of a container', () => {
  it('comes apart into its two streams, wherever its chunks are cut', () => {
    const output = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.string({ unit: 'binary-ascii', maxLength: 20 })));
    fc.assert(
      fc.property(output, fc.array(fc.nat()), (parts, cuts) => {
        const of = (type: number) =>
          parts
            .filter(([own]) => own === type)
            .map(([, text]) => text)
            .join('');
        const bytes = Buffer.concat(parts.map(([type, text]) => frame(type, text)));
        expect(read(cutAt(bytes, cuts))).toEqual({ stdout: of(1), stderr: of(2), complete: true });
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it('is not complete when it ends in a header or in a frame', () => {
    expect(read([frame(1, 'hello').subarray(0, 5)]).complete).toBe(false);
    expect(read([frame(1, 'hello').subarray(0, 10)])).toEqual({ stdout: 'he', stderr: '', complete: false });
  });

  it('of another format is an error, not a text', () => {
    expect(() => read([Buffer.from('plain text of a terminal')])).toThrow(
      expect.objectContaining({ code: 'upstream_error' }) as Error,
    );
  });
});

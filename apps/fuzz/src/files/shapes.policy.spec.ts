import { generatedFile, shapeNames } from './shapes.js';

const drawn = (seed: number, count: number) => Array.from({ length: count }, (_, n) => generatedFile(seed, n));

describe('generated files', () => {
  const files = drawn(1, 3 * shapeNames.length);

  it('have at least 40 shapes, each in every round', () => {
    expect(shapeNames.length).toBeGreaterThanOrEqual(40);
    expect(new Set(files.map(({ shape }) => shape)).size).toBe(shapeNames.length);
  });

  it('are the same again from the same seed, and others from another', () => {
    const some = drawn(1, 20);
    expect(files.slice(0, 20)).toEqual(some);
    expect(drawn(2, 20).map(({ bytes }) => bytes)).not.toEqual(some.map(({ bytes }) => bytes));
  });

  it('hold what they claim: a text file decodes to text that has the words of its rows', () => {
    for (const { bytes, encoding, rows, format } of files.filter((file) => file.format === 'csv')) {
      const text = new TextDecoder(encoding).decode(bytes);
      const words = rows.flatMap(({ cells }) => cells).find(({ written }) => /^[A-Za-z ]+$/.test(written ?? ''));
      expect({ format, has: text.includes(words?.written ?? '') }).toEqual({ format, has: true });
    }
  });

  it('come without any option in a third of the cases', () => {
    const bare = files.filter(({ format, options }) => format === 'csv' && Object.keys(options).length === 0);
    const csv = files.filter(({ format }) => format === 'csv');
    expect(bare.length / csv.length).toBeGreaterThan(0.25);
    expect(bare.length / csv.length).toBeLessThan(0.6);
  });
});

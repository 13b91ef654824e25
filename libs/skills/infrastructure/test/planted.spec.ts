import { cleanFiles, faultyFiles } from './fixtures/fixtures.js';
import { places, validate } from './run.js';

describe('of the planted faults', () => {
  it('each is found by its rule, at its line', async () => {
    const missed: string[] = [];
    for (const { name, format, content, rule, line } of faultyFiles)
      if (!places(await validate(format, content)).includes(`${rule} ${line}`)) missed.push(`${rule} ${line} ${name}`);
    process.stdout.write(`planted faults found: ${faultyFiles.length - missed.length} of ${faultyFiles.length}\n`);
    expect(missed).toEqual([]);
    expect(faultyFiles.length).toBeGreaterThanOrEqual(40);
  });

  it('nothing is found in clean files', async () => {
    const found: string[] = [];
    for (const { name, format, content } of cleanFiles)
      found.push(...places(await validate(format, content)).map((place) => `${place} ${name}`));
    process.stdout.write(`found in ${cleanFiles.length} clean files: ${found.length}\n`);
    expect(found).toEqual([]);
    expect(cleanFiles.length).toBeGreaterThanOrEqual(10);
  });
});

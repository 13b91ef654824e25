import { readFile } from 'node:fs/promises';

import { withConfiguration } from '../src/documentation/configuration-table.js';

const squeezed = (markdown: string): string => markdown.replaceAll(/[ -]+/g, ' ');

describe('the README', () => {
  it('lists every variable as the services read it (else: npm run docs)', async () => {
    const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');
    expect(squeezed(readme)).toBe(squeezed(withConfiguration(readme)));
  });
});

import { readFile } from 'node:fs/promises';

import { withConfiguration } from '../src/documentation/configuration-table.js';

const squeezed = (markdown: string): string => markdown.replaceAll(/[ -]+/g, ' ');

describe('deploy/CONFIGURATION.md', () => {
  it('lists every variable as the services read it (else: npm run docs)', async () => {
    const page = await readFile(new URL('../../../deploy/CONFIGURATION.md', import.meta.url), 'utf8');
    expect(squeezed(page)).toBe(squeezed(withConfiguration(page)));
  });
});

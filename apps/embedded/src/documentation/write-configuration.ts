import { readFile, writeFile } from 'node:fs/promises';

import { withConfiguration } from './configuration-table.js';

const file = new URL('../../../../deploy/CONFIGURATION.md', import.meta.url);

await writeFile(file, withConfiguration(await readFile(file, 'utf8')));

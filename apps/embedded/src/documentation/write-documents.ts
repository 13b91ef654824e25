// `npm run docs`: writes what the code derives, over the files that hold it.
import { readFile, writeFile } from 'node:fs/promises';

import { brokerDefinitions } from '@pulser/messaging';

import { withConfiguration } from './configuration-table.js';

const deploy = new URL('../../../../deploy/', import.meta.url);
const configuration = new URL('CONFIGURATION.md', deploy);

await writeFile(configuration, withConfiguration(await readFile(configuration, 'utf8')));
await writeFile(new URL('rabbitmq/definitions.json', deploy), JSON.stringify(brokerDefinitions()));

import { writeFile } from 'node:fs/promises';

import { brokerDefinitions } from '@pulser/messaging';

const file = new URL('../../../../deploy/rabbitmq/definitions.json', import.meta.url);

await writeFile(file, JSON.stringify(brokerDefinitions()));

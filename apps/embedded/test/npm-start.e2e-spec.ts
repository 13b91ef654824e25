import { ModelServer } from '@pulser/testing/models';

import { commandLine } from './command-line.cases.js';
import { crashes } from './crash.cases.js';
import { firstStart, reachableStart } from './first-start.cases.js';
import { Installation } from './installation.js';
import { mcpClients } from './mcp.cases.js';
import { signals } from './signals.cases.js';
import { startErrors } from './start-errors.cases.js';

/** A task that asks it runs until it is cancelled. */
const models = await ModelServer.start(() => ({ kind: 'hang' }));
// One installation for all of them, because creating a database takes seconds. The order counts: the first cases find
// an empty folder, the last ones damage the data.
const installation = new Installation({
  LLM_BASE_URL: models.url,
  LLM_MODEL: 'silent',
  LLM_PRICES: '{"silent": {"input": 0, "output": 0}}',
});

afterAll(async () => {
  await installation.remove();
  await models.stop();
});

firstStart(installation);
reachableStart();
commandLine(installation);
mcpClients(installation);
crashes(installation);
signals(installation);
startErrors(installation);

import { EmbeddedDatabase } from '../src/database/embedded-database.js';
import { clusterFiles } from './cluster.cases.js';
import { memoriesInOneSession } from './memories.cases.js';
import { sessions } from './sessions.cases.js';
import { TemporaryFolder } from './temporary-folder.js';

// Making the files takes long, copying them does not.
const original = new TemporaryFolder();

beforeAll(async () => {
  const database = await EmbeddedDatabase.open(original.path, () => undefined);
  await database.close();
});

afterAll(() => {
  original[Symbol.dispose]();
});

clusterFiles(original);
sessions(original);
memoriesInOneSession(original);

import { commandLine } from './command-line.cases.js';
import { crashes } from './crash.cases.js';
import { firstStart, reachableStart } from './first-start.cases.js';
import { Installation } from './installation.js';
import { signals } from './signals.cases.js';
import { startErrors } from './start-errors.cases.js';

// One installation for all of them, because creating a database takes seconds. The order counts: the first cases find
// an empty folder, the last ones damage the data.
const installation = new Installation();

afterAll(() => installation.remove());

firstStart(installation);
reachableStart();
commandLine(installation);
crashes(installation);
signals(installation);
startErrors(installation);

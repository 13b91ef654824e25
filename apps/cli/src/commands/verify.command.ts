// `verify`: whether a database holds together, after it was restored.
import { type IntegrityFinding, Integrity, SecretCipher } from '@pulser/context-bus';
import type { Database } from '@pulser/database';

import { addCommand, type AddCommands, withDatabase } from '../command.js';
import { verifyTrails } from './audit.command.js';
import { keysAtHand } from './secrets.command.js';

/** What was found of one thing. @param text behind its name where nothing is wrong */
interface Check {
  readonly name: string;
  readonly text: string;
  readonly faults: readonly string[];
}

const counted = (name: string, what: string, { checked, faults }: IntegrityFinding): Check => ({
  name,
  text: `${checked} ${what}`,
  faults,
});

const trails = async (database: Database): Promise<Check> => {
  const { intact, broken } = await verifyTrails(database);
  return { name: 'audit', text: `${intact.length} trails, each chain intact`, faults: broken };
};

const dueTasks = async (integrity: Integrity): Promise<Check> => {
  const found = await integrity.dueTasks();
  return counted('due', `open tasks have a time to be looked at; ${found.due} are due now`, found);
};

const files = async (integrity: Integrity): Promise<Check> => {
  const elsewhere = await integrity.filesElsewhere();
  const others = elsewhere === 0 ? '' : `; the bytes of ${elsewhere} others are not in the database: not checked`;
  return counted('files', `files have all their bytes${others}`, await integrity.files());
};

/** Without SECRETS_KEY it says which keys are needed: whoever restores must have them. */
const secrets = async (integrity: Integrity): Promise<Check> => {
  const [needed, keys] = [await integrity.keys(), keysAtHand()];
  const cipher = new SecretCipher(keys);
  const missing = needed.filter(({ keyId }) => !cipher.knows(keyId));
  const sentences = missing.map(({ keyId, secrets: many }) => `${many} secrets need the key ${keyId}`);
  if (keys !== undefined) return { name: 'secrets', text: 'SECRETS_KEY has every key', faults: sentences };
  return { name: 'secrets', text: sentences.join('; ') || 'there are none', faults: [] };
};

const allChecks = async (database: Database): Promise<Check[]> => {
  const integrity = new Integrity(database);
  if (!(await integrity.seesAll()))
    throw new Error('this login does not see the rows of all tenants: set DATABASE_URL to that of the administrator');
  return [
    counted('counts', 'open tasks are as many as are kept', await integrity.openTasks()),
    counted('dead letters', 'are as many as are kept', await integrity.deadLetters()),
    await trails(database),
    await dueTasks(integrity),
    await files(integrity),
    await secrets(integrity),
    counted('indexes', 'are complete', await integrity.indexes()),
  ];
};

const maxFaults = 5;

const faultsOf = ({ name, faults }: Check): string[] => {
  const more = faults.length - maxFaults;
  const lines = faults.slice(0, maxFaults).map((fault) => `WRONG  ${name}: ${fault}`);
  return more > 0 ? [...lines, `WRONG  ${name}: and ${more} more`] : lines;
};

const report = (checks: readonly Check[]): string[] =>
  checks.flatMap((check) => (check.faults.length === 0 ? [`ok     ${check.name}: ${check.text}`] : faultsOf(check)));

export const addVerify: AddCommands = (parent, print) => {
  addCommand(
    parent,
    'verify',
    'whether a restored database holds together: counts, audit trails, due tasks, files, keys of secrets, indexes',
    'verify',
  ).action(async () => {
    const checks = await withDatabase(allChecks);
    const wrong = checks.filter(({ faults }) => faults.length > 0).length;
    print(`${report(checks).join('\n')}\n`);
    if (wrong > 0) throw new Error(`${wrong} of ${checks.length} checks failed: do not let services work on it`);
    print('The database holds together');
  });
};

import type { ContractTestResult } from '../src/contract/contract-test-contract.js';
import { libraryDocument } from './fixtures/library/library-document.js';
import { LibraryServer } from './fixtures/library/library-server.js';
import { type PlantedBugId, plantedBugs } from './fixtures/library/planted-bugs.js';
import { open, run } from './run.js';

const text = JSON.stringify(libraryDocument);
const methods = ['GET', 'POST', 'PUT', 'DELETE'];

const tested = async (bug: PlantedBugId | undefined, seed: number): Promise<ContractTestResult> => {
  const library = await LibraryServer.start(bug);
  try {
    const payload = { document: { text }, base_url: library.url, methods, seed, rate_per_s: 200 };
    return (await run('contract_test', payload, open(library.url))).result;
  } finally {
    await library.close();
  }
};

const shown = ({ findings }: ContractTestResult): string[] =>
  findings.map(({ kind, operation, message }) => `${kind} ${operation}: ${message}`);

describe('contract_test', () => {
  const found = new Map<string, boolean>();

  afterAll(() => {
    const all = [...found].map(([id, isFound]) => `${isFound ? 'found ' : 'MISSED'} ${id}`);
    const count = [...found.values()].filter(Boolean).length;
    process.stdout.write(`${all.join('\n')}\n${count} of ${plantedBugs.length} planted bugs found\n`);
  });

  it.each([1, 2, 3])('finds nothing in the clean twin (seed %i)', async (seed) => {
    const result = await tested(undefined, seed);
    expect(shown(result)).toEqual([]);
    expect(result).toMatchObject({ passed: true, complete: true, notes: [], counts: { operations: 8, no_answer: 0 } });
    expect(result.operations.map(({ operation, succeeded }) => [operation, succeeded])).toEqual(
      result.operations.map(({ operation }) => [operation, true]),
    );
    expect(result.document).toEqual({ version: '3.1.0', problems: [], external_references: [], not_checked: [] });
    process.stdout.write(`clean twin, seed ${seed}: ${result.summary}\n`);
  });

  it.each(plantedBugs.map(({ id }) => id))('tries the planted bug %s', async (id) => {
    const bug = plantedBugs.find((one) => one.id === id);
    const result = await tested(id, 1);
    found.set(
      id,
      result.findings.some(({ operation }) => operation === bug?.operation),
    );
    process.stdout.write(`${id}: ${shown(result).join(' | ')}\n`);
    // A bug in one operation is no reason to doubt another one.
    expect(result.findings.filter(({ operation }) => operation !== bug?.operation)).toEqual([]);
  });

  it('finds at least eleven of the twelve', () => {
    expect(found.size).toBe(12);
    expect([...found.values()].filter(Boolean).length).toBeGreaterThanOrEqual(11);
  });
});

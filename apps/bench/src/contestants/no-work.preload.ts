// Loaded before embedded mode with `node --import`: its agent takes queries as ever, and does nothing for them.

interface Operation {
  readonly name: string;
  readonly handle: unknown;
}

const isOperation = (one: unknown): one is Operation =>
  typeof one === 'object' && one !== null && 'name' in one && 'handle' in one && typeof one.handle === 'function';

/**
 * An operation of a skill, to be changed before an agent is defined with it.
 * @throws TypeError when the skill has no such operation any more
 */
const readOperation = async (library: string, skill: string, name: string): Promise<Operation> => {
  const found: unknown = Reflect.get((await import(import.meta.resolve(library))) as object, skill);
  const operations = (found as { operations?: unknown } | undefined)?.operations;
  const operation = Array.isArray(operations)
    ? operations.find((one: unknown): one is Operation => isOperation(one) && one.name === name)
    : undefined;
  if (operation === undefined) throw new TypeError(`no-work: there is no operation ${name} of ${skill} any more`);
  return operation;
};

Object.assign(await readOperation('@pulser/skill-analytics', 'analytics', 'query'), {
  inline: true,
  handle: () => Promise.resolve({}),
});

export {};

// What the operator sets for all tenants: variables of the coordinator's environment that begin with a prefix, so that nothing
// serves all tenants by accident. Each may stand in a file, as every variable may.
import { withFiles } from '@pulser/service-kit';

import type { ToolVariable } from '../registry/definition.policy.js';

const prefix = 'MCP_ALL_';

const suffix = '_FILE';

/** Variables that stand in files. */
const namesOfFiles = (environment: Readonly<Record<string, unknown>>): string[] =>
  Object.keys(environment)
    .filter((name) => name.startsWith(prefix) && name.endsWith(suffix))
    .map((name) => name.slice(0, -suffix.length));

export class OperatorVariables {
  private readonly values: ReadonlyMap<string, string>;

  /** @param environment of the process @throws ConfigError when a file cannot be read */
  constructor(environment: Readonly<Record<string, string | undefined>>) {
    const entries = Object.entries(withFiles(namesOfFiles(environment), environment)).filter(
      (entry): entry is [string, string] => entry[0].startsWith(prefix) && entry[1] !== undefined && entry[1] !== '',
    );
    this.values = new Map(entries.map(([name, value]) => [name.slice(prefix.length), value]));
  }

  /** Of those that a server declares. */
  of(declared: readonly ToolVariable[]): Readonly<Record<string, string>> {
    const found = declared.flatMap(({ name }) => {
      const value = this.values.get(name);
      return value === undefined ? [] : [[name, value] as const];
    });
    return Object.fromEntries(found);
  }

  /** Every value, to be hidden wherever it would be shown. */
  get all(): readonly string[] {
    return [...this.values.values()];
  }
}

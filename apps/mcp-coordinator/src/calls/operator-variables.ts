// What the operator sets for all tenants: variables of the coordinator's environment that begin with a prefix, so that nothing
// serves all tenants by accident.
import type { ToolVariable } from '../registry/definition.policy.js';

const prefix = 'MCP_ALL_';

export class OperatorVariables {
  private readonly values: ReadonlyMap<string, string>;

  /** @param environment of the process */
  constructor(environment: Readonly<Record<string, string | undefined>>) {
    const entries = Object.entries(environment).filter(
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

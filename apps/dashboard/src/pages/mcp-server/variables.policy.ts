// The setting `mcp-variables` with one member changed.
import type { McpVariables } from '@pulser/contracts';

const without = <Value>(members: Readonly<Record<string, Value>>, name: string): Record<string, Value> =>
  Object.fromEntries(Object.entries(members).filter(([other]) => other !== name));

/** @param value empty: the variable is not set any more */
export const withVariable = (all: McpVariables, server: string, name: string, value: string): McpVariables => {
  const others = without(all[server] ?? {}, name);
  const next = value === '' ? others : { ...others, [name]: value };
  const rest = without(all, server);
  return Object.keys(next).length === 0 ? rest : { ...rest, [server]: next };
};

// JSONPath (RFC 9535) on answers, without the functions that take regular expressions.
import { JSONPathEnvironment, type JSONValue } from 'json-p3';

const maxQueryLength = 500;
const maxNodes = 10_000;
const most = { '..': 2, '?': 3 } as const;

const environment = new JSONPathEnvironment({ maxRecursionDepth: 100 });
for (const name of ['match', 'search']) environment.functionRegister.delete(name);

const occurrences = (text: string, part: string): number => text.split(part).length - 1;

/** Why a query is not run, or undefined. */
export const jsonPathFault = (query: string): string | undefined => {
  if (query.length > maxQueryLength) return `It has more than ${maxQueryLength} characters`;
  for (const [part, count] of Object.entries(most))
    if (occurrences(query, part) > count) return `It has ${part} more than ${count} times`;
  try {
    environment.compile(query);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

/** All values that a query finds. @throws RangeError for more than 10,000, or too deep a value */
export const jsonPathValues = (query: string, value: unknown): unknown[] => {
  const found: unknown[] = [];
  for (const node of environment.lazyQuery(query, value as JSONValue)) {
    if (found.length === maxNodes) throw new RangeError(`It finds more than ${maxNodes} values`);
    found.push(node.value);
  }
  return found;
};

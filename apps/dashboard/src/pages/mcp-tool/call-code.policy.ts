// A call as a command, and whether two calls are the same.

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

export const callCommand = (origin: string, tool: string, args: Readonly<Record<string, unknown>>): string =>
  [
    `curl -sS ${quoted(`${origin}/api/v1/mcp/tools/${tool}/call`)}`,
    `-H "Authorization: Bearer $PULSER_KEY"`,
    `-H 'Content-Type: application/json'`,
    `-d ${quoted(JSON.stringify({ arguments: args }))}`,
  ].join(' \\\n  ');

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, sorted(member)]));
};

/** Whether two values are the same JSON, whatever the order of their members. */
export const isSame = (one: unknown, other: unknown): boolean =>
  JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

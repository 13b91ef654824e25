// Rows that Superset answers queries with.
import { ToolError } from '@pulser/mcp-server-kit';
import { z } from 'zod';

export const ChartData = z.object({
  result: z.array(
    z.object({
      data: z.array(z.record(z.string(), z.unknown())).nullish(),
      colnames: z.array(z.string()).nullish(),
      error: z.string().nullish(),
    }),
  ),
});

export const dataOutput = {
  columns: z.array(z.string()),
  rows: z.array(z.array(z.unknown())),
  truncated: z.boolean(),
};

export interface Rows {
  readonly columns: string[];
  readonly rows: unknown[][];
  readonly truncated: boolean;
}

/** Of the first query: the tools ask one. @throws ToolError when it failed */
export const rowsOf = ({ result }: z.output<typeof ChartData>, limit: number): Rows => {
  const [first] = result;
  if (first === undefined) throw new ToolError('upstream_error', 'Superset answered without a result');
  if (first.error) throw new ToolError('invalid_args', `Superset: ${first.error.slice(0, 500)}`);
  const data = first.data ?? [];
  const columns = first.colnames ?? Object.keys(data[0] ?? {});
  const rows = data.slice(0, limit).map((row) => columns.map((name) => row[name] ?? null));
  return { columns, rows, truncated: data.length > limit };
};

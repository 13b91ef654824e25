// Lists as files: what every list route takes beside its filters.
import { z } from 'zod';

export const ExportFormat = z.enum(['csv', 'ndjson']);
export type ExportFormat = z.infer<typeof ExportFormat>;

/** Rows of one file at most; where there are more, its last line says where they go on. */
export const maxExportRows = 100_000;

/** Members of the query of a list. */
export const exportable = {
  format: ExportFormat.optional().meta({
    description:
      `All rows from the cursor on as a file instead of a page, as with the header Accept; \`limit\` does not count then. After ` +
      `${maxExportRows} rows the last line is the cursor by which it goes on`,
  }),
};

/** The query of a list that is short enough for one page. */
export const ExportQuery = z.strictObject(exportable);
export type ExportQuery = z.infer<typeof ExportQuery>;

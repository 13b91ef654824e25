// What the owner of a file may say about it.
import { z } from 'zod';

import { type DateReader, dateReader } from './date-format.policy.js';
import { isEncoding } from './encoding.policy.js';
import { isGivenType } from './given-type.policy.js';

export const Format = z.enum(['csv', 'json', 'ndjson']);
export type Format = z.infer<typeof Format>;

const oneCharacter = /^[^\r\n]?$/u;

/** The options of a source, for every format; {@link csvOnly} names those that CSV alone has. */
export const readOptions = {
  encoding: z
    .string()
    .max(40)
    .refine(isEncoding, 'No known encoding; such as utf-8, utf-16le, windows-1252')
    .optional()
    .meta({ description: 'Encoding of content_base64. Without it: byte order mark, UTF-16, UTF-8, else windows-1252' }),
  delimiter: z
    .string()
    .regex(/^(?:\\t|[^\r\n"']{1,4})$/, 'One to four characters, no quotes and line ends')
    .optional()
    .meta({ description: 'CSV: what separates cells. Without it found from the rows: comma, semicolon, tab or |' }),
  quote: z
    .string()
    .regex(oneCharacter, 'One character')
    .nullable()
    .optional()
    .meta({ description: 'CSV: the quote character; null or an empty string for none', examples: ['"'] }),
  header: z.boolean().optional().meta({
    description: 'CSV: whether the first row names the columns; without names they are column0, column1, ...',
  }),
  skip: z.int().min(0).max(100_000).optional().meta({ description: 'CSV: lines before the header to leave out' }),
  comment: z
    .string()
    .regex(oneCharacter, 'One character')
    .nullable()
    .optional()
    .meta({ description: 'CSV: lines that start with it are left out; null for none' }),
  decimal: z
    .enum(['.', ','])
    .optional()
    .meta({ description: 'CSV: the decimal separator; the other one may then separate thousands' }),
  null_values: z
    .array(z.string().max(100))
    .max(50)
    .optional()
    .meta({ description: 'CSV: unquoted cells that are NULL, besides empty ones' }),
  date_format: z
    .string()
    .max(60)
    .refine((format) => dateReader(format) !== undefined, 'Such as %d/%m/%Y, DD.MM.YYYY, DMY or %Y-%m-%d %H:%M:%S')
    .optional()
    .meta({ description: 'How dates are written, such as %d/%m/%Y; other columns are read as without it' }),
  types: z
    .record(
      z.string().max(1_000),
      z
        .string()
        .max(60)
        .refine(isGivenType, 'No type that a source can have, such as BIGINT, DECIMAL(10,2) or VARCHAR'),
    )
    .optional()
    .meta({ description: 'SQL types by column. A row with a value that does not fit is refused, and listed' }),
  all_text: z.boolean().optional().meta({ description: 'Keeps every column as text, except those in types' }),
};

export const ReadOptions = z.strictObject(readOptions);
export type ReadOptions = z.infer<typeof ReadOptions>;

export const csvOnly = ['delimiter', 'quote', 'header', 'skip', 'comment', 'decimal', 'null_values'] as const;

/** Reads dates in the format that the options name, if they do. */
export const datesOf = ({ date_format: format }: ReadOptions): DateReader | undefined =>
  format === undefined ? undefined : dateReader(format);

// Input, example and result of the operation `data_dictionary`.
import { z } from 'zod';

const Name = z.string().min(1).max(200);
const Words = z.string().max(10_000);
const Scalar = z.union([z.string().max(500), z.number(), z.boolean(), z.null()]);

const ColumnInput = z.strictObject({
  name: Name,
  type: z.string().min(1).max(200).optional(),
  nullable: z.boolean().optional(),
  unique: z.boolean().optional(),
  default: Scalar.optional(),
  values: z.array(Scalar).max(200).optional().meta({ description: 'The only values that it may have' }),
  examples: z.array(Scalar).max(20).optional(),
  description: Words.optional(),
});

const TableInput = z.strictObject({
  name: Name,
  description: Words.optional(),
  rows: z.number().int().min(0).optional(),
  columns: z.array(ColumnInput).min(1).max(2_000),
  primary_key: z.array(Name).min(1).max(20).optional(),
  foreign_keys: z
    .array(
      z.strictObject({
        columns: z.array(Name).min(1).max(20),
        table: Name,
        referenced_columns: z.array(Name).min(1).max(20).optional(),
      }),
    )
    .max(200)
    .optional(),
});
export type TableInput = z.infer<typeof TableInput>;

export const DataDictionaryInput = z
  .strictObject({
    operation: z.literal('data_dictionary'),
    title: z.string().trim().min(1).max(200).default('Data dictionary'),
    tables: z.array(TableInput).min(1).max(200).optional().meta({ description: 'A schema, as far as it is known' }),
    datasets: z
      .array(
        z
          .string()
          .max(300)
          .regex(/^dataset:/),
      )
      .min(1)
      .max(30)
      .optional()
      .meta({ description: 'Datasets of the tenant: `dataset:<name>` or `dataset:<name>@<version>`' }),
    about: z
      .record(z.string().max(500), Words)
      .default({})
      .meta({ description: 'Descriptions for datasets and their columns: `orders` or `orders.amount`' }),
    measure: z.boolean().default(true).meta({
      description: 'Whether the rows of datasets are read: nulls, distinct values, ranges, keys and references',
    }),
    examples: z.boolean().default(false).meta({
      description: 'Whether values of datasets are shown: they may be personal, and the page may be published',
    }),
  })
  .refine(({ tables, datasets }) => tables !== undefined || datasets !== undefined, {
    message: 'Give tables, datasets, or both',
    path: ['tables'],
  });
export type DataDictionaryInput = z.infer<typeof DataDictionaryInput>;

export const dataDictionaryExample: z.input<typeof DataDictionaryInput> = {
  operation: 'data_dictionary',
  title: 'Shop',
  tables: [
    {
      name: 'customers',
      primary_key: ['id'],
      columns: [
        { name: 'id', type: 'bigint', nullable: false },
        { name: 'name', type: 'text', nullable: false, description: 'As it is printed on bills' },
      ],
    },
    {
      name: 'orders',
      primary_key: ['id'],
      foreign_keys: [{ columns: ['customer_id'], table: 'customers' }],
      columns: [
        { name: 'id', type: 'bigint', nullable: false },
        { name: 'customer_id', type: 'bigint', nullable: false },
        { name: 'status', type: 'text', values: ['open', 'paid'] },
      ],
    },
  ],
};

const Reference = z.strictObject({
  table: z.string(),
  columns: z.array(z.string()),
  to: z.string(),
  to_columns: z.array(z.string()),
});

export const DataDictionaryResult = z.strictObject({
  tables: z.array(
    z.strictObject({
      name: z.string(),
      reference: z.string().nullable().meta({ description: 'The version of a dataset; null: the table was given' }),
      columns: z.number().int(),
      rows: z.number().int().nullable(),
      primary_key: z.array(z.string()).nullable().meta({ description: 'As given; null: not known' }),
      unique_in_the_data: z
        .array(z.string())
        .meta({ description: 'Columns without a null and without a value twice in the rows that are there' }),
    }),
  ),
  references: z.array(Reference).meta({ description: 'Foreign keys as given' }),
  observed_references: z
    .array(Reference.extend({ values: z.number().int() }))
    .meta({ description: 'All values of a column are in the unique column of another dataset: seen, not declared' }),
  unknown: z
    .strictObject({
      descriptions: z.number().int(),
      types: z.number().int(),
      nullability: z.number().int(),
      primary_keys: z.number().int(),
      columns: z.array(z.string()).meta({ description: 'Columns of which something is not known, at most 200' }),
    })
    .meta({ description: 'What the page says that it does not know' }),
  notes: z.array(z.string()),
});
export type DataDictionaryResult = z.infer<typeof DataDictionaryResult>;

import { operation, type TaskContext } from '@pulser/agent-runtime/skill';

import { documentationErrors } from '../documents/documentation-errors.js';
import { dataDictionaryExample, DataDictionaryInput, type DataDictionaryResult } from './data-dictionary-contract.js';
import { datasetTable, faultsOf, givenTable, isUniqueInData, type Table } from './dictionary.js';
import { dictionaryPage } from './dictionary-page.js';
import { measure, type MeasuredTables } from './measure.js';

// The operation `data_dictionary`: tables as a page to read, with what is known of them and what is not.

const maxListed = 200;

const datasetTables = async (input: DataDictionaryInput, context: TaskContext): Promise<MeasuredTables> => {
  const { datasets = [], about } = input;
  if (!input.measure) {
    const facts = await Promise.all(datasets.map((reference) => context.describeDataset(reference)));
    return { tables: facts.map((one) => datasetTable(one, about)), notes: [] };
  }
  const files = [];
  for (const reference of datasets) {
    const { dataset, path } = await context.openData(reference);
    if (dataset === undefined) throw documentationErrors.error('document_not_supported', `${reference} is no dataset`);
    files.push({ table: datasetTable(dataset, about), path });
  }
  return files.length === 0 ? { tables: [], notes: [] } : measure(files, input.examples, context.signal);
};

const unknownIn = (tables: readonly Table[]): DataDictionaryResult['unknown'] => {
  const columns = tables.flatMap((table) => table.columns.map((column) => ({ table: table.name, ...column })));
  const withoutNulls = columns.filter(({ nullable }) => nullable === undefined);
  const withoutWords = columns.filter(({ description }) => description === undefined);
  const withoutType = columns.filter(({ type }) => type === undefined);
  const open = new Set([...withoutNulls, ...withoutWords, ...withoutType].map(({ table, name }) => `${table}.${name}`));
  return {
    descriptions: withoutWords.length,
    types: withoutType.length,
    nullability: withoutNulls.length,
    primary_keys: tables.filter(({ primaryKey }) => primaryKey === undefined).length,
    columns: [...open].slice(0, maxListed),
  };
};

const referencesIn = (tables: readonly Table[]): Pick<DataDictionaryResult, 'references' | 'observed_references'> => {
  const all = tables.flatMap(({ name, foreignKeys }) =>
    foreignKeys.map(({ columns, table, referenced, observed }) => ({
      view: { table: name, columns: [...columns], to: table, to_columns: [...referenced] },
      observed,
    })),
  );
  return {
    references: all.filter(({ observed }) => observed === undefined).map(({ view }) => view),
    observed_references: all.flatMap(({ view, observed }) =>
      observed === undefined ? [] : [{ ...view, values: observed }],
    ),
  };
};

/** Describes tables. */
export const dataDictionary = operation({
  name: 'data_dictionary',
  summary:
    'Describes datasets or a given schema: a page in Markdown with a diagram of the tables, and what is not known',
  input: DataDictionaryInput,
  example: dataDictionaryExample,
  errors: documentationErrors,
  // The sandboxes that read datasets are one pool of the worker, and what is done here is little.
  inline: true,
  handle: async (input, context): Promise<DataDictionaryResult> => {
    const given = input.tables ?? [];
    const [fault] = faultsOf(given);
    if (fault !== undefined)
      throw documentationErrors.error('document_not_supported', `The schema contradicts itself: ${fault}`);
    const { tables: measured, notes } = await datasetTables(input, context);
    const tables = [...given.map((table) => givenTable(table, given)), ...measured];
    const page = dictionaryPage(input.title, tables, notes);
    await context.artifact('data-dictionary.md', 'text/markdown', Buffer.from(page));
    return {
      tables: tables.map((table) => ({
        name: table.name,
        reference: table.reference ?? null,
        columns: table.columns.length,
        rows: table.rows ?? null,
        primary_key: table.primaryKey === undefined ? null : [...table.primaryKey],
        unique_in_the_data: table.columns
          .filter((column) => isUniqueInData(column, table.rows))
          .map(({ name }) => name),
      })),
      ...referencesIn(tables),
      unknown: unknownIn(tables),
      notes: [...notes],
    };
  },
});

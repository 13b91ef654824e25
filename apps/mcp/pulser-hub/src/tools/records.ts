// Records of any model, as the user of the key sees them.
import { defineTool, ToolError } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { askOdoo, odooOf } from '../odoo.js';
import { checkMethod, checkWritable } from '../writable.policy.js';

export const Model = z
  .string()
  .regex(/^[a-z0-9_]+(\.[a-z0-9_]+)*$/, 'a technical name like res.partner')
  .describe('Technical name of the model, like res.partner or sale.order');
export const Domain = z
  .array(z.unknown())
  .default([])
  .describe(
    'Odoo domain: conditions like ["state", "=", "sale"], joined by and; "|", "&", "!" come before what they join',
  );
const FieldName = z.string().regex(/^[a-z_][a-z0-9_]*$/);
const Fields = z.array(FieldName).min(1).max(50).describe('Names of fields; a record has an id besides');
const Ids = z.array(z.int().positive()).min(1).max(200).describe('Ids of records');
const Values = z.record(FieldName, z.unknown()).describe('Values by the names of fields');
const Row = z.record(z.string(), z.unknown());
const Rows = z.array(Row);
const Truncated = z.boolean().default(false).describe('Whether the list was cut because it was too long');

const searchRead = defineTool({
  name: 'odoo_search_read',
  title: 'Search records of Odoo',
  description:
    'Searches a model of Odoo by a domain and returns chosen fields, page by page. Use odoo_model_describe for the names of fields first.',
  flag: 'read',
  input: z.object({
    model: Model,
    domain: Domain,
    fields: Fields,
    order: z.string().max(200).optional().describe('Like "date_order desc, id"'),
    limit: z.int().min(1).max(500).default(50),
    offset: z.int().min(0).default(0),
  }),
  output: z.object({
    records: Rows,
    next_offset: z.int().nullable().describe('Offset of the next page; null: this was the last one'),
    truncated: Truncated,
  }),
  examples: [{ arguments: { model: 'res.partner', domain: [['is_company', '=', true]], fields: ['name', 'email'] } }],
  run: async ({ model, domain, fields, order, limit, offset }, call) => {
    const odoo = await odooOf(call);
    // One more than asked for says whether there is a next page.
    const args = { domain, fields, offset, limit: limit + 1, ...(order !== undefined && { order }) };
    const rows = await askOdoo(odoo, Rows, { model, method: 'search_read', args });
    return { records: rows.slice(0, limit), next_offset: rows.length > limit ? offset + limit : null };
  },
});

const read = defineTool({
  name: 'odoo_record_read',
  title: 'Read records of Odoo',
  description: 'Reads chosen fields of records of a model by their ids.',
  flag: 'read',
  input: z.object({ model: Model, ids: Ids, fields: Fields }),
  output: z.object({ records: Rows, truncated: Truncated }),
  examples: [{ arguments: { model: 'sale.order', ids: [7, 12], fields: ['name', 'amount_total', 'state'] } }],
  run: async ({ model, ids, fields }, call) => {
    const odoo = await odooOf(call);
    const records = await askOdoo(odoo, Rows, { model, method: 'read', ids, args: { fields } });
    if (records.length === 0) throw new ToolError('not_found', `${model} has none of these records`);
    return { records };
  },
});

const count = defineTool({
  name: 'odoo_record_count',
  title: 'Count records of Odoo',
  description: 'Counts the records of a model that match a domain.',
  flag: 'read',
  input: z.object({ model: Model, domain: Domain }),
  output: z.object({ count: z.int() }),
  examples: [{ arguments: { model: 'sale.order', domain: [['state', '=', 'sale']] } }],
  run: async ({ model, domain }, call) => ({
    count: await askOdoo(await odooOf(call), z.int(), { model, method: 'search_count', args: { domain } }),
  }),
});

const create = defineTool({
  name: 'odoo_record_create',
  title: 'Create records in Odoo',
  description:
    'Creates one or more records of a model. Settings, users, rights and code of Odoo itself cannot be created here.',
  flag: 'write',
  input: z.object({ model: Model, records: z.array(Values).min(1).max(100) }),
  output: z.object({ ids: z.array(z.int()) }),
  examples: [{ arguments: { model: 'res.partner', records: [{ name: 'Acme', is_company: true }] } }],
  run: async ({ model, records }, call) => {
    checkWritable(model);
    const odoo = await odooOf(call);
    return { ids: await askOdoo(odoo, z.array(z.int()), { model, method: 'create', args: { vals_list: records } }) };
  },
});

const update = defineTool({
  name: 'odoo_record_update',
  title: 'Overwrite fields of records in Odoo',
  description: 'Overwrites fields on records of a model; the former values are lost.',
  flag: 'destructive',
  idempotent: true,
  input: z.object({ model: Model, ids: Ids, values: Values }),
  output: z.object({ updated: z.array(z.int()) }),
  examples: [{ arguments: { model: 'res.partner', ids: [7], values: { email: 'new@example.com' } } }],
  run: async ({ model, ids, values }, call) => {
    checkWritable(model);
    await askOdoo(await odooOf(call), z.literal(true), { model, method: 'write', ids, args: { vals: values } });
    return { updated: ids };
  },
});

const callMethod = defineTool({
  name: 'odoo_method_call',
  title: 'Call a business method of Odoo',
  description:
    'Calls a method like sale.order.action_confirm on records. Only the methods that ODOO_METHODS lists can be called.',
  flag: 'destructive',
  timeLimitMs: 120_000,
  input: z.object({
    model: Model,
    method: z.string().regex(/^[a-z][a-z0-9_]*$/),
    ids: Ids,
    arguments: z.record(FieldName, z.unknown()).default({}).describe('Arguments by their names'),
  }),
  output: z.object({ result: z.unknown() }),
  examples: [{ arguments: { model: 'sale.order', method: 'action_confirm', ids: [12] } }],
  run: async ({ model, method, ids, arguments: args }, call) => {
    checkMethod(model, method, call.required('ODOO_METHODS'));
    return { result: (await (await odooOf(call)).call({ model, method, ids, args })) ?? null };
  },
});

export const recordTools = [searchRead, read, count, create, update, callMethod] as const;

// A local Odoo: the two dialects of its API over a few records, with the errors that it has.
import { type VendorAnswer, type VendorRequest, type VendorServer, vendorServer } from '@pulser/testing/vendor';

export const account = { database: 'shop', login: 'bot@example.com', key: 'a-key-of-odoo-0123456789' };

type Row = Record<string, unknown> & { id: number };

class OdooProblem extends Error {
  constructor(
    readonly kind: 'AccessDenied' | 'AccessError' | 'MissingError' | 'UserError' | 'ValidationError',
    message: string,
  ) {
    super(message);
  }
}

/** The part of Odoo that both dialects call. */
export class Models {
  readonly partners: Row[] = Array.from({ length: 7 }, (_, index) => ({
    id: index + 1,
    name: `Partner ${index + 1}`,
    email: false,
    is_company: index % 2 === 0,
  }));
  readonly modules: Row[] = [
    { id: 1, name: 'sale_management', state: 'uninstalled', installed_version: false },
    { id: 2, name: 'stock', state: 'installed', installed_version: '18.0.1.1' },
    { id: 3, name: 'half', state: 'to upgrade', installed_version: '1.0' },
  ];
  readonly called: string[] = [];

  call(model: string, method: string, ids: readonly number[] | undefined, args: Record<string, unknown>): unknown {
    this.called.push(`${model}.${method}`);
    const table = { 'res.partner': this.partners, 'ir.module.module': this.modules, 'res.users': this.partners }[model];
    if (table === undefined) throw new OdooProblem('UserError', `Object ${model} doesn't exist`);
    const chosen = ids && table.filter(({ id }) => ids.includes(id));
    if (ids !== undefined && chosen?.length !== ids.length)
      throw new OdooProblem('MissingError', 'Record does not exist or has been deleted.');
    return this.answer(method, table, chosen ?? [], args);
  }

  private answer(method: string, table: Row[], chosen: readonly Row[], args: Record<string, unknown>): unknown {
    const { offset = 0, limit = 1_000 } = args as { offset?: number; limit?: number };
    const matching = table.filter((row) => matches(row, args['domain']));
    switch (method) {
      case 'search_read':
        return matching.slice(offset, offset + limit).map((row) => pick(row, args['fields']));
      case 'read':
        return chosen.map((row) => pick(row, args['fields']));
      case 'search_count':
        return matching.length;
      case 'context_get':
        return { lang: 'en_US', uid: 2 };
      case 'fields_get':
        return {
          name: { type: 'char', string: 'Name', required: true, readonly: false, store: true, help: false },
          parent_id: { type: 'many2one', string: 'Company', relation: 'res.partner', store: true },
          type: {
            type: 'selection',
            string: 'Kind',
            selection: [
              ['contact', 'Contact'],
              ['other', 'Other'],
            ],
            help: 'Which',
          },
        };
      case 'create':
        return this.create(table, args['vals_list'] as Record<string, unknown>[]);
      case 'write':
        for (const row of chosen) Object.assign(row, args['vals']);
        return true;
      case 'formatted_read_group':
        return [{ is_company: true, 'id:count': 4, __count: 4, __extra_domain: [] }];
      case 'read_group':
        return [{ is_company: true, id: 4, __count: 4, __domain: [] }];
      case 'button_immediate_install':
      case 'button_immediate_upgrade':
        for (const row of chosen) Object.assign(row, { state: 'installed', installed_version: '18.0.1.2' });
        return { type: 'ir.actions.client', tag: 'reload' };
      case 'update_list':
        return [0, 1];
      case 'action_archive':
        return null;
      default:
        throw new OdooProblem('AccessError', `You are not allowed to call ${method}`);
    }
  }

  private create(table: Row[], records: readonly Record<string, unknown>[]): number[] {
    return records.map((record) => {
      if (typeof record['name'] !== 'string') throw new OdooProblem('ValidationError', 'A partner needs a name');
      return table.push({ id: table.length + 1, ...record });
    });
  }
}

const matches = (row: Row, domain: unknown): boolean =>
  ((domain ?? []) as [string, string, unknown][]).every(([field, , value]) => row[field] === value);

const pick = (row: Row, fields: unknown): Row => ({
  ...Object.fromEntries((fields as string[]).map((name) => [name, row[name]])),
  id: row.id,
});

const statuses = { AccessDenied: 401, AccessError: 403, MissingError: 404, UserError: 422, ValidationError: 422 };

const json2 = (models: Models, { path, headers, body }: VendorRequest): VendorAnswer => {
  const [, , , model = '', method = ''] = path.split('/');
  const { ids, ...args } = (body ?? {}) as { ids?: number[] };
  try {
    if (headers['authorization'] !== `bearer ${account.key}`) throw new OdooProblem('AccessDenied', 'Invalid apikey');
    if (headers['x-odoo-database'] !== account.database) return { status: 404, raw: '<h1>Not Found</h1>' };
    return { json: models.call(model, method, ids, args) };
  } catch (error) {
    const { kind, message } = error as OdooProblem;
    const problem = {
      name: `odoo.exceptions.${kind}`,
      message,
      arguments: [message],
      context: {},
      debug: `in ${account.key}`,
    };
    return { status: statuses[kind], json: problem };
  }
};

const jsonRpcResult = (models: Models, { body }: VendorRequest): unknown => {
  const { service, method, args } = (body as { params: { service: string; method: string; args: unknown[] } }).params;
  if (service === 'common' && method === 'version')
    return { server_version: '16.0', server_serie: '16.0', protocol_version: 1 };
  const [database, user, key, model, name, positional, named] = args;
  const known = database === account.database && key === account.key;
  if (service === 'common') return known && user === account.login ? 2 : false;
  if (!known || user !== 2) throw new OdooProblem('AccessDenied', 'Access Denied');
  const [first] = positional as unknown[];
  if (name === 'create') return models.call(String(model), name, undefined, { vals_list: first });
  return models.call(String(model), String(name), first as number[] | undefined, named as Record<string, unknown>);
};

const jsonRpc = (models: Models, request: VendorRequest): VendorAnswer => {
  try {
    return { json: { jsonrpc: '2.0', id: 1, result: jsonRpcResult(models, request) } };
  } catch (error) {
    const { kind, message } = error as OdooProblem;
    const data = { name: `odoo.exceptions.${kind}`, message, arguments: [message], context: {}, debug: 'a stack' };
    return { json: { jsonrpc: '2.0', id: 1, error: { code: 200, message: 'Odoo Server Error', data } } };
  }
};

export interface OdooServer extends VendorServer {
  readonly models: Models;
}

/** @param version decides which paths there are */
export const odooServer = async (version: '16.0' | '19.0'): Promise<OdooServer> => {
  const models = new Models();
  const server = await vendorServer((request) => {
    const { path } = request;
    if (path === '/web/version' && version === '19.0')
      return { json: { version, version_info: [19, 0, 0, 'final', 0, ''] } };
    if (path.startsWith('/json/2/') && version === '19.0') return json2(models, request);
    if (path === '/jsonrpc') return jsonRpc(models, request);
    return { status: 404, raw: '<h1>Not Found</h1>' };
  });
  return Object.assign(server, { models });
};

// The schema of an App Platform spec: that of DigitalOcean's own MCP server, closed, with what it leaves out.
import type { Schema } from './kubernetes-declarations.js';

type Node = Record<string, unknown>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Values that the API takes (its reference: docs.digitalocean.com/reference/api, Apps). The source says only that they are texts. */
const values: Readonly<Record<string, readonly string[]>> = {
  'envs.scope': ['UNSET', 'RUN_TIME', 'BUILD_TIME', 'RUN_AND_BUILD_TIME'],
  'envs.type': ['GENERAL', 'SECRET'],
  'jobs.kind': ['UNSPECIFIED', 'PRE_DEPLOY', 'POST_DEPLOY', 'FAILED_DEPLOY', 'SCHEDULED'],
  'image.registry_type': ['DOCKER_HUB', 'DOCR', 'GHCR'],
  'services.protocol': ['HTTP', 'HTTP2'],
  'databases.engine': ['UNSET', 'MYSQL', 'PG', 'REDIS', 'VALKEY', 'MONGODB', 'KAFKA', 'OPENSEARCH'],
  'domains.type': ['UNSPECIFIED', 'DEFAULT', 'PRIMARY', 'ALIAS'],
  'domains.minimum_tls_version': ['1.2', '1.3'],
  'spec.region': ['ams', 'atl', 'blr', 'fra', 'lon', 'nyc', 'sfo', 'sgp', 'syd', 'tor'],
  'egress.type': ['AUTOASSIGN', 'DEDICATED_IP'],
  'alerts.operator': ['UNSPECIFIED_OPERATOR', 'GREATER_THAN', 'LESS_THAN'],
  'alerts.window': ['UNSPECIFIED_WINDOW', 'FIVE_MINUTES', 'TEN_MINUTES', 'THIRTY_MINUTES', 'ONE_HOUR'],
  'redirect.scheme': ['http', 'https'],
};

/** Fields without which the API refuses the spec. */
const required: Readonly<Record<string, readonly string[]>> = {
  spec: ['name'],
  services: ['name'],
  workers: ['name'],
  jobs: ['name'],
  static_sites: ['name'],
  functions: ['name'],
  databases: ['name'],
  envs: ['key'],
  domains: ['domain'],
  autoscaling: ['min_instance_count', 'max_instance_count', 'metrics'],
};

const nameOfApp = { type: 'string', pattern: '^[a-z][a-z0-9-]{0,30}[a-z0-9]$' };

const field = (owner: string, name: string, schema: unknown): unknown => {
  if (name === 'name' && ['spec', 'services', 'workers', 'jobs', 'static_sites'].includes(owner)) return nameOfApp;
  const allowed = values[`${owner}.${name}`];
  return allowed === undefined ? closed(schema, name) : { type: 'string', enum: allowed };
};

/** Closed at every level, without descriptions. @param owner the field that holds the node */
const closed = (schema: unknown, owner: string): unknown => {
  if (!isNode(schema)) return schema;
  const { properties, items, ...rest } = schema;
  delete rest['description'];
  if (isNode(items)) return { ...rest, items: closed(items, owner) };
  if (!isNode(properties)) return rest;
  return {
    ...rest,
    properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, field(owner, name, one)])),
    additionalProperties: false,
    ...(required[owner] && { required: required[owner] }),
  };
};

/** @param source `app-create-schema.json` of \@digitalocean/mcp. @throws TypeError when it holds no spec */
export const appPlatformSchema = (source: unknown): Schema => {
  const spec = isNode(source) && isNode(source['properties']) ? source['properties']['spec'] : undefined;
  if (!isNode(spec) || !isNode(spec['properties'])) throw new TypeError('app-create-schema.json holds no app spec');
  return closed(spec, 'spec') as Schema;
};

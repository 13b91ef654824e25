// Whose credentials a call carries: those of the tenant; those of the operator only where nothing but reading is done.
import { Injectable } from '@nestjs/common';
import { TenantSecrets, TenantSettings } from '@pulser/context-bus';
import { type McpVariable, McpVariables } from '@pulser/contracts';

import type { RegisteredTool, ToolVariable } from '../registry/definition.policy.js';
import { CallFailure } from './call-failure.js';
import { LastKnown } from './last-known.js';
import { OperatorVariables } from './operator-variables.js';

export interface Credentials {
  readonly variables: Readonly<Record<string, string>>;
  /** Set by the operator: they may lead into a private network. */
  readonly isOperators: boolean;
}

type Values = Readonly<Record<string, string>>;

/** Milliseconds after which a secret that was changed or removed is not used any more. */
const cacheMs = 2_000;

/** Of the names of secrets that are variables of servers. */
const prefix = 'mcp-';

/** Name of the secret of a tenant that holds a variable: `mcp-github-github-token`. */
export const secretNameOf = (server: string, variable: string): string =>
  `${prefix}${server}-${variable}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]/g, '-')
    .slice(0, 63);

@Injectable()
export class CallCredentials {
  private readonly ofSettings = new LastKnown<McpVariables>(cacheMs);
  private readonly ofTenants = new LastKnown<ReadonlyMap<string, string>>(cacheMs);

  constructor(
    private readonly secrets: TenantSecrets,
    private readonly settings: TenantSettings,
    private readonly operators: OperatorVariables,
  ) {}

  /** @throws CallFailure `not_configured`, naming what is missing; DatabaseUnavailable, SecretsNotConfigured, SecretUnreadable */
  async of(tenantId: string, tool: RegisteredTool): Promise<Credentials> {
    if (!tool.isOwn) return attached(tenantId, tool);
    const declared = tool.variables;
    if (declared.length === 0) return { variables: {}, isOperators: false };
    const own = valuesIn(await this.secretsOf(tenantId), await this.openOf(tenantId), tool.server, declared);
    const usesOwn = Object.keys(own).length > 0 || tool.flag !== 'read';
    const variables = usesOwn ? own : this.operators.of(declared);
    const [missing] = declared.filter(({ name, required }) => required && variables[name] === undefined);
    if (missing === undefined) return { variables, isOperators: !usesOwn };
    throw new CallFailure(
      'not_configured',
      `${missing.name} is not set for this tenant: an administrator stores it with ` +
        (missing.secret ? `PUT /api/v1/secrets/${secretNameOf(tool.server, missing.name)}` : settingText),
    );
  }

  /** Which of the variables of a server the tenant has. @throws as `of` does, but no CallFailure */
  async stateOf(tenantId: string, server: string, declared: readonly ToolVariable[]): Promise<McpVariable[]> {
    if (declared.length === 0) return [];
    const own = valuesIn(await this.secretsOf(tenantId), await this.openOf(tenantId), server, declared);
    const operators = this.operators.of(declared);
    return declared.map(({ name, secret, required, description, example }) => ({
      ...{ name, secret, required, secret_name: secretNameOf(server, name) },
      ...{ description: description ?? null, example: example ?? null },
      set_by: own[name] !== undefined ? 'tenant' : operators[name] !== undefined ? 'operator' : null,
    }));
  }

  /** Every value that a call of the tenant could carry: in what is written down of it none of them may stand. */
  async valuesOf(tenantId: string): Promise<string[]> {
    return [...(await this.secretsOf(tenantId)).values(), ...this.operators.all];
  }

  /** What is no secret. */
  private openOf(tenantId: string): Promise<McpVariables> {
    return this.ofSettings.get(tenantId, async () => {
      const row = await this.settings.find(tenantId, 'mcp-variables');
      return McpVariables.catch({}).parse(row?.value ?? {});
    });
  }

  private secretsOf(tenantId: string): Promise<ReadonlyMap<string, string>> {
    return this.ofTenants.get(tenantId, () => this.secrets.readAll(tenantId, prefix));
  }
}

const valuesIn = (
  secrets: ReadonlyMap<string, string>,
  open: McpVariables,
  server: string,
  declared: readonly ToolVariable[],
): Values =>
  Object.fromEntries(
    declared.flatMap(({ name, secret }) => {
      const value = secrets.get(secretNameOf(server, name)) ?? (secret ? undefined : open[server]?.[name]);
      return value === undefined ? [] : [[name, value]];
    }),
  );

const settingText = 'PUT /api/v1/settings/mcp-variables';

/** A server that the operator has attached has a credential of its own. */
const attached = (tenantId: string, { server, tenants, flag }: RegisteredTool): Credentials => {
  const none = { variables: {}, isOperators: true };
  if (tenants?.includes(tenantId) ?? flag === 'read') return none;
  const why =
    tenants === undefined
      ? `${server} acts for all tenants, so its tools may only read: name its tenants in the configuration file`
      : `${server} does not act for this tenant`;
  throw new CallFailure('not_configured', why);
};

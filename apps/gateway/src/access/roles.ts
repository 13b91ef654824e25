// Whom every route is for and the least role that it takes: how a route declares it, the guard that refuses others, and the
// check at start that no route forgot to declare it.
import {
  applyDecorators,
  type CanActivate,
  type ExecutionContext,
  Injectable,
  type OnModuleInit,
} from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { ApiExtension } from '@nestjs/swagger';
import { AuditTrail, InstallationAudit } from '@pulser/context-bus';
import { HttpError, type InstallationRole as Least, reaches, type RoleName } from '@pulser/contracts';
import { Public } from '@pulser/service-kit';
import type { FastifyRequest } from 'fastify';

import { type AnyCaller, knownCallerOf } from './caller.js';

const LeastRole = Reflector.createDecorator<RoleName>();

/** Whom a route is for. */
type Audience = 'tenant' | 'installation' | 'everybody';

const RouteAudience = Reflector.createDecorator<Audience>();

const declared = (least: RoleName, audience: Audience): MethodDecorator =>
  applyDecorators(
    LeastRole(least),
    RouteAudience(audience),
    ApiExtension('x-pulser-role', least),
    ApiExtension('x-pulser-for', audience),
  );

/** A route of tenants, and the least role that it takes. */
export const Role = (least: RoleName): MethodDecorator => declared(least, 'tenant');

/** A route for keys of the installation. Nothing that it answers or changes is a tenant's. */
export const InstallationRole = (least: Least): MethodDecorator => declared(least, 'installation');

/** A route for both: every key and person may call it. */
export const EverybodysRole = (least: Least): MethodDecorator => declared(least, 'everybody');

/** @returns undefined when the route is for this caller */
export const audienceRefusal = (
  audience: Audience,
  { tenantId }: Pick<AnyCaller, 'tenantId'>,
): HttpError | undefined => {
  if (audience === 'everybody' || audience === (tenantId === undefined ? 'installation' : 'tenant')) return undefined;
  return audience === 'tenant'
    ? new HttpError('tenant_required', {
        detail:
          'Your key is one of the installation, which has no tasks, data or keys of its own: use the key of a tenant',
      })
    : new HttpError('installation_key_required', {
        detail: 'It is about what all tenants share: an operator makes a key with `keys create --installation`',
      });
};

const roleRefusal = (least: RoleName, { role }: AnyCaller): HttpError | undefined =>
  reaches(role, least)
    ? undefined
    : new HttpError('forbidden', {
        detail: `The route needs the role ${least}, and yours is ${role}`,
        extensions: { needed_role: least, role },
      });

/** Refuses callers that a route is not for, or below its least role. A refused change is recorded in the audit trail. */
@Injectable()
export class RoleGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly audit: AuditTrail,
    private readonly ofInstallation: InstallationAudit,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const caller = knownCallerOf(context);
    if (caller === undefined) return true;
    const refusal = audienceRefusal(this.audience(context), caller) ?? roleRefusal(this.leastRole(context), caller);
    if (refusal === undefined) return true;
    await this.record(caller, context.switchToHttp().getRequest<FastifyRequest>());
    throw refusal;
  }

  private async record(caller: AnyCaller, { method, params }: FastifyRequest): Promise<void> {
    if (method === 'GET' || method === 'HEAD') return;
    const targets = Object.values(params as Record<string, string>);
    const { actor } = caller;
    if (caller.tenantId === undefined)
      await this.ofInstallation.refused(caller.keyId, actor, 'request.refused', targets);
    else await this.audit.refused(caller.tenantId, actor, 'request.refused', targets);
  }

  private audience(context: ExecutionContext): Audience {
    const audience = this.reflector.get(RouteAudience, context.getHandler()) as Audience | undefined;
    return audience ?? 'tenant';
  }

  private leastRole(context: ExecutionContext): RoleName {
    const least = this.reflector.get(LeastRole, context.getHandler()) as RoleName | undefined;
    if (least === undefined) throw new Error('A route does not declare which role it needs');
    return least;
  }
}

type Method = (...values: never) => unknown;

/** Stops the start of a gateway that has a route without `@Role()` or `@Public()`. */
@Injectable()
export class DeclaredRoutes implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  /** @throws Error that names the routes */
  onModuleInit(): void {
    const undeclared = this.discovery
      .getControllers()
      .flatMap(({ metatype }) => (typeof metatype === 'function' ? this.undeclaredIn(metatype) : []));
    if (undeclared.length === 0) return;
    throw new Error(`Routes without @Role() or @Public(): ${undeclared.join(', ')}`);
  }

  private undeclaredIn(controller: { readonly name: string; readonly prototype?: unknown }): string[] {
    const prototype = controller.prototype as Record<string, Method>;
    return this.scanner
      .getAllMethodNames(prototype)
      .filter((name) => this.isUndeclared(prototype[name], controller))
      .map((name) => `${controller.name}.${name}`);
  }

  // Handlers of messages have no path: no client calls them.
  private isUndeclared(method: Method | undefined, controller: object): boolean {
    if (method === undefined || !Reflect.hasMetadata(PATH_METADATA, method)) return false;
    return !this.isPublic(method, controller) && this.leastRole(method) === undefined;
  }

  private isPublic(method: Method, controller: object): boolean {
    return this.reflector.getAllAndOverride(Public, [method, controller as Method]);
  }

  private leastRole(method: Method): RoleName | undefined {
    return this.reflector.get(LeastRole, method);
  }
}

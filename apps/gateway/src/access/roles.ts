// The least role of every route: how a route declares it, the guard that refuses lower roles, and the check at start
// that no route forgot to declare one.
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
import { AuditTrail } from '@pulser/context-bus';
import { HttpError, reaches, type RoleName } from '@pulser/contracts';
import { Public } from '@pulser/service-kit';
import type { FastifyRequest } from 'fastify';

import { knownCallerOf, type RequestCaller } from './caller.js';

const LeastRole = Reflector.createDecorator<RoleName>();

/** The least role that a route takes. Without it, and without `@Public()`, the gateway does not start. */
export const Role = (least: RoleName): MethodDecorator =>
  applyDecorators(LeastRole(least), ApiExtension('x-pulser-role', least));

/** Refuses callers below a route's least role. A refused change is recorded in the audit trail. */
@Injectable()
export class RoleGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly audit: AuditTrail,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const caller = knownCallerOf(context);
    if (caller === undefined) return true;
    const least = this.leastRole(context);
    if (reaches(caller.role, least)) return true;
    await this.record(caller, context.switchToHttp().getRequest<FastifyRequest>());
    throw new HttpError('forbidden', {
      detail: `The route needs the role ${least}, and yours is ${caller.role}`,
      extensions: { needed_role: least, role: caller.role },
    });
  }

  private async record({ tenantId, actor }: RequestCaller, { method, params }: FastifyRequest): Promise<void> {
    if (method === 'GET' || method === 'HEAD') return;
    await this.audit.refused(tenantId, actor, 'request.refused', Object.values(params as Record<string, string>));
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

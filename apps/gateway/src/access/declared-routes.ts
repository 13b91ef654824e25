import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import type { RoleName } from '@pulser/contracts';
import { Public } from '@pulser/service-kit';

import { LeastRole } from './role.js';

type Method = (...values: never) => unknown;

/** Keeps the gateway from starting with a route of which nobody said who may call it. */
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

  // What hears messages has no path: nobody outside calls it.
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

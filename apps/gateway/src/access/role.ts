import { applyDecorators } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiExtension } from '@nestjs/swagger';
import type { RoleName } from '@pulser/contracts';

/** Where a route keeps the least role that it takes. */
export const LeastRole = Reflector.createDecorator<RoleName>();

/** The least role that a route takes. Without it, and without `@Public()`, the gateway does not start. */
export const Role = (least: RoleName): MethodDecorator =>
  applyDecorators(LeastRole(least), ApiExtension('x-pulser-role', least));

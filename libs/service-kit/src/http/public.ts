import { Reflector } from '@nestjs/core';

/** Marks a controller or route that needs no key. A guard asks with `reflector.getAllAndOverride(Public, [...])`. */
export const Public = Reflector.createDecorator<true | undefined, true>({ transform: () => true });

import type { FastifyInstance } from 'fastify';

import { matchesPattern } from './route-pattern.policy.js';

// CORS answers OPTIONS everywhere, which does not make every path one that exists.
const takesAll = new Set(['*', '/*']);

/** Knows which methods a path has, so that a wrong method is told from a wrong path. Made before routes are added. */
export class AllowedMethods {
  private readonly routes: { readonly url: string; readonly methods: readonly string[] }[] = [];

  constructor(server: FastifyInstance) {
    server.addHook('onRoute', ({ url, method }) => {
      if (!takesAll.has(url)) this.routes.push({ url, methods: [method].flat() });
    });
  }

  of(path: string): string[] {
    const methods = this.routes.filter(({ url }) => matchesPattern(url, path)).flatMap((route) => route.methods);
    return [...new Set(methods)].sort();
  }
}

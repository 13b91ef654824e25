import type { Fault } from './fault.js';

/** A new version is rolled out: SIGTERM, one process after the other. Clients must not notice, but for a closed port. */
export const rollingRestart: Fault = {
  name: 'rolling-restart',
  lane: 'alone',
  inject: async ({ fleet, http }) => {
    const at = Date.now();
    const broken: string[] = [];
    for (const { service } of fleet.members) {
      const code = await service.end('SIGTERM');
      if (code !== 0) broken.push(`${service.name} ended with ${code ?? 'a signal'} after SIGTERM`);
      service.start();
      await service.ready();
    }
    const errors = http.serverErrors.filter((error) => error.at >= at);
    broken.push(...errors.map(({ gateway, status, body }) => `${gateway} answered ${status}: ${body}`));
    return { at, over: Date.now(), broken };
  },
};

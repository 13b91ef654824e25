// Loaded before a program with `node --import`: it publishes no heartbeats and does not measure its event loop for them. The
// health service then knows of no free slot, so it sends no canaries either.
import { syncBuiltinESMExports } from 'node:module';
import perfHooks from 'node:perf_hooks';

import { Publisher } from '@pulser/messaging';

/** That of the metrics of processes, which stays: https://github.com/siimon/prom-client, eventLoopMonitoringPrecision. */
const metricsResolutionMs = 10;

const { monitorEventLoopDelay } = perfHooks;
Object.assign(perfHooks, {
  monitorEventLoopDelay: (options: { readonly resolution: number }) => {
    const delay = monitorEventLoopDelay(options);
    if (options.resolution !== metricsResolutionMs) Object.assign(delay, { enable: () => false });
    return delay;
  },
});
syncBuiltinESMExports();

const publish: unknown = Reflect.get(Publisher.prototype, 'publish');
if (typeof publish !== 'function') throw new TypeError('bench: there is no Publisher.publish any more');
Reflect.set(Publisher.prototype, 'publish', function (this: unknown, ...args: unknown[]): unknown {
  return args[0] === 'agent.heartbeat' ? Promise.resolve() : (Reflect.apply(publish, this, args) as unknown);
});

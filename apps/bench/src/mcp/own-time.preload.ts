// Loaded before the coordinator with `node --import`: it measures how long a call is inside the coordinator and not with its
// server. At SIGUSR2 the times since the last one are written to OWN_TIMES_FILE, in microseconds.
import { AsyncLocalStorage } from 'node:async_hooks';
import { renameSync, writeFileSync } from 'node:fs';

type Method = (this: unknown, ...args: unknown[]) => Promise<unknown>;

/** Milliseconds that a call was with its server. */
interface Away {
  ms: number;
}

const calls = new AsyncLocalStorage<Away>();
let times: number[] = [];

/** @throws TypeError when the class has no such method any more */
const wrap = async (
  path: string,
  name: string,
  method: string,
  around: (original: Method) => Method,
): Promise<void> => {
  const module = (await import(new URL(`../../../mcp-coordinator/dist/${path}`, import.meta.url).href)) as object;
  const prototype: unknown = (Reflect.get(module, name) as { prototype?: unknown } | undefined)?.prototype;
  if (typeof prototype !== 'object' || prototype === null)
    throw new TypeError(`own-time: there is no ${name} any more`);
  const original: unknown = Reflect.get(prototype, method);
  if (typeof original !== 'function') throw new TypeError(`own-time: there is no ${name}.${method} any more`);
  Reflect.set(prototype, method, around(original as Method));
};

await wrap('calls/tool-calls.js', 'ToolCalls', 'call', (original) => {
  return async function (this: unknown, ...args: unknown[]) {
    const away: Away = { ms: 0 };
    const began = performance.now();
    const reply = await calls.run(away, () => original.apply(this, args));
    times.push(Math.round((performance.now() - began - away.ms) * 1_000));
    return reply;
  };
});

await wrap('upstreams/upstreams.js', 'Upstreams', 'call', (original) => {
  return async function (this: unknown, ...args: unknown[]) {
    const began = performance.now();
    try {
      return await original.apply(this, args);
    } finally {
      const away = calls.getStore();
      if (away !== undefined) away.ms += performance.now() - began;
    }
  };
});

process.on('SIGUSR2', () => {
  const file = process.env['OWN_TIMES_FILE'];
  if (file === undefined) return;
  writeFileSync(`${file}.new`, JSON.stringify(times));
  renameSync(`${file}.new`, file);
  times = [];
});

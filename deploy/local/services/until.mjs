import { setTimeout as pause } from 'node:timers/promises';

/** Asks again every 50 ms until `check` is truthy; resolves with false when it never was within `timeoutMs`. */
export async function until(check, timeoutMs) {
  const deadline = Date.now() + timeoutMs;
  while (!(await check())) {
    if (Date.now() > deadline) return false;
    await pause(50);
  }
  return true;
}

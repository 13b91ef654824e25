/** Progress goes to stderr: stdout is for what a shell evaluates or another program reads. */
export const say = (line) => void process.stderr.write(`${line}\n`);

/** Runs `work`, saying every ten seconds that it is still going on. */
export async function sayWhile(what, work) {
  const startedAt = Date.now();
  say(`${what} ...`);
  const timer = setInterval(() => say(`${what} ... ${secondsSince(startedAt)} s`), 10_000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

export const secondsSince = (startedAt) => ((Date.now() - startedAt) / 1000).toFixed(1);

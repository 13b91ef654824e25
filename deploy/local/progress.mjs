/** Progress goes to stderr: stdout is for what a shell evaluates or another program reads. */
export const say = (line) => void process.stderr.write(`${line}\n`);

/** Runs `work`, saying on a terminal every ten seconds that it is still going on; a log file gets one line. */
export async function sayWhile(what, work, output = process.stderr) {
  const startedAt = Date.now();
  output.write(`${what} ...\n`);
  const timer = output.isTTY && setInterval(() => output.write(`... ${secondsSince(startedAt)} s\n`), 10_000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

export const secondsSince = (startedAt) => ((Date.now() - startedAt) / 1000).toFixed(1);

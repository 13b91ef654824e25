const intervalMs = 1_000;

/** Calls back when the npm that started this process is gone: a kill -9 it could not pass on. */
export function onNpmGone(stop) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const npm = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(timer);
    stop();
  }, intervalMs);
  timer.unref();
}

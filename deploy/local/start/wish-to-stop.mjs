/**
 * Ctrl-C at a terminal comes twice: from the terminal, and from npm, which passes it on. What comes within this many
 * milliseconds is one wish; nobody types a second one, which ends the server at once, as fast.
 */
const sameWishMs = 200;

/** Calls back once a wish to stop. */
export function onWishToStop(stop) {
  let lastAt = -Infinity;
  const once = (signal) => {
    if (performance.now() - lastAt > sameWishMs) stop(signal);
    lastAt = performance.now();
  };
  process.on('SIGINT', once);
  process.on('SIGTERM', once);
}

// No daemon to outlive the run, no full-screen display: the output must read the same in a terminal and in a log.
const nx = { NX_DAEMON: 'false', NX_TUI: 'false' };

/** What is checked before the tests, in this order. All run, whatever fails. */
export const checks = [
  { name: 'lint', command: ['nx', 'run-many', '-t', 'lint'], environment: nx },
  { name: 'build', command: ['nx', 'run-many', '-t', 'build'], environment: nx },
  { name: 'types of specs', command: ['tsc', '-p', 'libs/testing/tsconfig.specs.json'] },
  { name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
];

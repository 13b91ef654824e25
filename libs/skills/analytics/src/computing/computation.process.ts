// Entry of a process that computes one thing and is ended: npm packages and relative files only.
import type { Computations, Kind, Reply } from './computation.js';

// Loaded when it is needed: a forecast takes no fonts, a report no models.
const computing: { readonly [K in Kind]: (job: Computations[K]['job']) => Promise<Computations[K]['answer']> } = {
  forecast: async (job) => (await import('./forecasting.js')).forecasted(job),
  anomalies: async (job) => (await import('./finding.js')).anomaliesIn(job),
  print: async (job) => (await import('../print/printing.js')).printed(job),
};

const compute = <K extends Kind>(kind: K, job: Computations[K]['job']): Promise<Computations[K]['answer']> =>
  computing[kind](job);

const textOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

process.on('message', ({ kind, job }: { kind: Kind; job: Computations[Kind]['job'] }) => {
  void compute(kind, job)
    .then((answer): Reply<Kind> => ({ answer }))
    .catch((error: unknown): Reply<Kind> => ({ failure: textOf(error) }))
    .then((reply) => process.send?.(reply));
});

// A Ctrl-C reaches the whole process group. The agent waits for its tasks before it exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

// The agent has ended.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

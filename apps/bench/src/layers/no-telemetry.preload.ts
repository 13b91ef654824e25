// Loaded before a program with `node --import`: no events of tasks, no telemetry rows, no spans of work.
import { Tracer } from '@pulser/service-kit';

import { libraryModule, prototypeIn } from './prototype-in.js';
import { replaceMethod } from './replace-method.js';

const nothing = (): undefined => undefined;

const runtime = [
  ['./facts/task-event.publisher.js', 'TaskEventPublisher', 'tell'],
  ['./reporting/telemetry.reporter.js', 'TelemetryReporter', 'observe'],
] as const;

for (const [path, name, method] of runtime) {
  replaceMethod(await prototypeIn(libraryModule('@pulser/agent-runtime', path), name), method, () => nothing);
}

replaceMethod(
  Tracer.prototype,
  'inSpan',
  () =>
    (...args) =>
      (args[2] as () => unknown)(),
);

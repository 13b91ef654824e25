export * from './breaker/breaker-settings.js';
export * from './breaker/breaker.js';
export * from './breaker/breakers.js';
export * from './env/base-env.js';
export * from './env/env.js';
export * from './env/env-table.js';
export * from './env/variables.js';
export * from './log/logger.js';
export * from './log/one-line.policy.js';
export * from './log/redact.policy.js';
export * from './metrics/metrics.js';
export * from './process/shared-resources.js';
export * from './bootstrap/start-failure.policy.js';
export * from './health/health.controller.js';
export * from './health/readiness.js';
export { EarlyAnswers, type EarlyHandler, type EarlyRequest } from './http/early.js';
export * from './http/problems.js';
export * from './http/requests.js';
export { streamedBody } from './http/streamed-bodies.js';
export { whenClosed } from './http/when-closed.js';
export {
  type AdapterOptions,
  type Arrival,
  type ClientTimeouts,
  createAdapter,
  securityHeaders,
} from './http/server.js';
export * from './net/cork-writes.js';
export * from './trace/genai-spans.js';
export * from './trace/span.js';
export * from './trace/tracer.js';
export * from './bootstrap/default-secret.policy.js';
export * from './bootstrap/program.js';
export * from './bootstrap/service.js';
export * from './process/rounds.js';
export * from './process/service-info.js';
export * from './bootstrap/service-kit.module.js';

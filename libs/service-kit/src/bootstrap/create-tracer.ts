import type { BaseEnv } from '../env/base-env.js';
import type { Logger } from '../log/logger.js';
import type { ServiceInfo } from '../service-info.js';
import { Tracer } from '../trace/tracer.js';

/** A tracer that exports when a collector is configured. @param logger asked for only when something is to be said */
export const createTracer = async (info: ServiceInfo, env: BaseEnv, logger: () => Logger): Promise<Tracer> => {
  const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined) return new Tracer();
  // OpenTelemetry takes some 100 ms and 20 MB to load: only who uses it pays.
  const { OtlpRecorder } = await import('../trace/otlp-recorder.js');
  const onFailure = (err: Error): void => {
    logger().warn({ err, endpoint }, 'traces could not be exported');
  };
  return new Tracer(new OtlpRecorder(info, { endpoint, ratio: env.OTEL_TRACES_SAMPLER_ARG, onFailure }));
};

// Input, example and result of the operation `render`.
import { z } from 'zod';

import { Format, formats } from '../documents/document-input.js';
import { ServiceDescription } from './service-description.js';

export const RenderInput = z.strictObject({
  operation: z.literal('render'),
  description: ServiceDescription,
  targets: z
    .array(Format)
    .min(1)
    .max(formats.length)
    .default([...formats]),
});
export type RenderInput = z.infer<typeof RenderInput>;

export const example: z.input<typeof RenderInput> = {
  operation: 'render',
  description: {
    name: 'shop',
    namespace: 'shop',
    services: [
      {
        name: 'web',
        image: 'ghcr.io/example/web:2.14.3',
        ports: [{ name: 'http', port: 8080 }],
        env: { LOG_LEVEL: 'info' },
        secrets: [{ env: 'DATABASE_URL', secret: 'shop-database', key: 'url' }],
        resources: { cpu: 0.25, memory_mb: 512 },
        autoscaling: { min: 2, max: 4, cpu_percent: 70 },
        readiness: { http: { path: '/health/ready', port: 8080 } },
        liveness: { http: { path: '/health/live', port: 8080 }, initial_delay_s: 10 },
      },
    ],
    jobs: [
      {
        name: 'migrate',
        image: 'ghcr.io/example/web:2.14.3',
        command: ['migrate'],
        when: 'before_deploy',
        secrets: [{ env: 'DATABASE_URL', secret: 'shop-database', key: 'url' }],
        resources: { cpu: 0.1, memory_mb: 256 },
      },
    ],
    ingress: { host: 'shop.example.com', routes: [{ path: '/', service: 'web', port: 'http' }] },
  },
};

export const RenderedFile = z.strictObject({
  target: Format,
  file: z.string().meta({ description: 'Name of the artifact with the same content' }),
  content: z.string().meta({ description: 'YAML' }),
  not_expressed: z
    .array(z.strictObject({ what: z.string(), reason: z.string() }))
    .meta({ description: 'What the description says and the target cannot' }),
  findings: z
    .array(z.strictObject({ rule: z.string(), line: z.int(), message: z.string() }))
    .meta({ description: 'What validate finds in it, for instance a tag latest of the description' }),
});

export const RenderResult = z.strictObject({
  files: z.array(RenderedFile),
  secrets: z
    .array(z.strictObject({ secret: z.string(), key: z.string(), used_by: z.array(z.string()) }))
    .meta({ description: 'What must be there before a deployment; values are in no file' }),
});
export type RenderResult = z.infer<typeof RenderResult>;

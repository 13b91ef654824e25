// Input, example, result and errors of the operation `deploy`.
import { skillErrors } from '@pulser/agent-runtime/skill';
import { ApprovalRules } from '@pulser/contracts';
import { z } from 'zod';

import { DocumentInput } from '../documents/document-input.js';
import { ServiceDescription } from '../render/service-description.js';
import { ValidateInput } from '../validate/validate-contract.js';

export const DeployInput = z
  .strictObject({
    operation: z.literal('deploy'),
    description: ServiceDescription.optional().meta({ description: 'What is rendered first; or else documents' }),
    documents: z
      .array(DocumentInput)
      .min(1)
      .max(20)
      .optional()
      .meta({ description: 'Manifests of Kubernetes as they are, applied in this order; or else description' }),
    namespace: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/)
      .optional()
      .meta({ description: 'Of resources that name none; without, that of the cluster’s credential' }),
    watch_s: z
      .int()
      .min(5)
      .max(3_600)
      .default(600)
      .meta({ description: 'Seconds in which every rollout must be complete' }),
    on_failure: z.enum(['roll_back', 'keep']).default('roll_back').meta({
      description:
        'What becomes of deployments when one of them does not roll out: all go back, or all stay as they are',
    }),
    force_conflicts: z
      .boolean()
      .default(false)
      .meta({ description: 'Takes fields from other managers that own them; without, that is a conflict' }),
    ignore: ValidateInput.shape.ignore,
    approval: ApprovalRules.prefault({}).meta({ description: 'Who has to approve it, and until when' }),
  })
  .refine(({ description, documents }) => (description === undefined) !== (documents === undefined), {
    message: 'Give either description or documents',
    path: ['description'],
  });
export type DeployInput = z.infer<typeof DeployInput>;

export const example: z.input<typeof DeployInput> = {
  operation: 'deploy',
  description: {
    name: 'shop',
    namespace: 'shop',
    services: [
      {
        name: 'web',
        image: 'ghcr.io/example/web:2.14.3',
        ports: [{ name: 'http', port: 8080 }],
        resources: { cpu: 0.25, memory_mb: 512 },
        replicas: 2,
        readiness: { http: { path: '/health/ready', port: 8080 } },
        liveness: { http: { path: '/health/live', port: 8080 }, initial_delay_s: 10 },
      },
    ],
  },
  watch_s: 300,
};

export const deploySteps = ['render', 'validate', 'plan', 'approval', 'apply', 'watch', 'roll_back'] as const;

export const DeployStep = z.strictObject({
  step: z.enum(deploySteps),
  outcome: z.enum(['done', 'skipped', 'failed']),
  message: z.string(),
});
export type DeployStep = z.infer<typeof DeployStep>;

type Step = DeployStep['step'];

export const stepDone = (step: Step, message: string): DeployStep => ({ step, outcome: 'done', message });
export const stepSkipped = (step: Step, message: string): DeployStep => ({ step, outcome: 'skipped', message });
export const stepFailed = (step: Step, message: string): DeployStep => ({ step, outcome: 'failed', message });

export const Rollout = z.strictObject({
  deployment: z.string(),
  state: z.enum(['complete', 'progressing', 'paused', 'failed', 'unknown']),
  message: z.string(),
});
export type Rollout = z.infer<typeof Rollout>;

export const DeployResult = z.strictObject({
  outcome: z.enum(['deployed', 'unchanged']).meta({ description: 'unchanged: the cluster has all of it already' }),
  steps: z.array(DeployStep).meta({ description: 'What became of each step, in their order' }),
  changes: z.array(
    z.strictObject({
      resource: z.string(),
      namespace: z.string().optional(),
      change: z.enum(['create', 'change', 'unchanged']),
    }),
  ),
  rollouts: z.array(Rollout),
  not_watched: z
    .array(z.string())
    .meta({ description: 'Resources with pods whose start is not watched: all but deployments' }),
  warnings: z.array(z.string()).meta({ description: 'Of the rules of validate, and of the API server' }),
});
export type DeployResult = z.infer<typeof DeployResult>;

export const deployErrors = skillErrors({
  document_too_large: { permanent: true },
  invalid_manifest: { permanent: true },
  tool_not_configured: { permanent: true },
  tools_missing: { permanent: false },
  cluster_changed: { permanent: true },
  deployment_failed: { permanent: true },
});

// Input, example and result of the operation `plan`.
import { z } from 'zod';

import { DocumentInput, Format } from '../documents/document-input.js';

export const PlanInput = z.strictObject({
  operation: z.literal('plan'),
  format: Format,
  before: DocumentInput.meta({ description: 'What is deployed' }),
  after: DocumentInput.meta({ description: 'What shall be' }),
});
export type PlanInput = z.infer<typeof PlanInput>;

const deployment = (image: string, app: string): string =>
  [
    'apiVersion: apps/v1',
    'kind: Deployment',
    'metadata: { name: web }',
    'spec:',
    `  selector: { matchLabels: { app: ${app} } }`,
    '  template:',
    `    metadata: { labels: { app: ${app} } }`,
    '    spec:',
    '      containers:',
    `        - { name: web, image: '${image}' }`,
  ].join('\n');

export const example: z.input<typeof PlanInput> = {
  operation: 'plan',
  format: 'kubernetes',
  before: { name: 'deployed', content: deployment('nginx:1.28.0', 'web') },
  after: { name: 'wanted', content: deployment('nginx:1.29.3', 'shop') },
};

/** What happens to a running thing, the gentlest first. */
export const effects = ['none', 'updated', 'created', 'restarted', 'recreated', 'deleted'] as const;

export const Effect = z.enum(effects).meta({
  description:
    'none: nothing that runs notices; updated: changed in place; restarted: its processes are replaced; recreated: it must be deleted and made anew',
});
export type Effect = z.infer<typeof Effect>;

export const Change = z.strictObject({
  resource: z.string(),
  change: z.enum(['added', 'removed', 'changed']),
  effect: Effect,
  may_lose_data: z.boolean(),
  reasons: z.array(z.string()).meta({ description: 'Why it has this effect, and what to mind' }),
  words: z.array(z.string()).meta({ description: 'What changed, one sentence each' }),
  words_left_out: z.int().meta({ description: 'Further sentences; patch holds them all' }),
  patch: z.array(z.looseObject({ op: z.string(), path: z.string() })).meta({
    description: 'JSON Patch (RFC 6902) from the resource as it is to what it shall be; empty for added and removed',
  }),
  line_before: z.int().optional(),
  line_after: z.int().optional(),
});
export type Change = z.infer<typeof Change>;

export const PlanResult = z.strictObject({
  summary: z.string(),
  changes: z.array(Change).meta({ description: 'Without what is the same' }),
  unchanged: z.int().meta({ description: 'Resources, components or services that are the same' }),
  may_lose_data: z.boolean(),
  unknown: z
    .array(z.string())
    .meta({ description: 'Resources of kinds whose fields may be changed in ways not known' }),
});
export type PlanResult = z.infer<typeof PlanResult>;

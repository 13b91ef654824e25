// Input, example and result of the operation `validate`.
import { z } from 'zod';

import { DocumentInput, Format } from '../documents/document-input.js';
import { ruleIds } from './rule-catalogue.js';

export const maxFindings = 1_000;

const RuleId = z.enum(ruleIds as [string, ...string[]]);

export const ValidateInput = z.strictObject({
  operation: z.literal('validate'),
  format: Format,
  documents: z.array(DocumentInput).min(1).max(50).meta({
    description: 'Texts that belong together. Those of Kubernetes are looked at as one set, the others one by one',
  }),
  ignore: z
    .array(RuleId)
    .max(100)
    .default([])
    .meta({ description: 'Rules that are not applied; the result counts them' }),
});
export type ValidateInput = z.infer<typeof ValidateInput>;

export const example: z.input<typeof ValidateInput> = {
  operation: 'validate',
  format: 'kubernetes',
  documents: [
    {
      name: 'web.yaml',
      content: [
        'apiVersion: apps/v1',
        'kind: Deployment',
        'metadata:',
        '  name: web',
        'spec:',
        '  replicas: 2',
        '  selector:',
        '    matchLabels: { app: web }',
        '  template:',
        '    metadata:',
        '      labels: { app: web }',
        '    spec:',
        '      containers:',
        '        - name: web',
        '          image: nginx:latest',
        '          ports: [{ containerPort: 80 }]',
        '          readinesProbe:',
        '            httpGet: { path: /, port: 80 }',
      ].join('\n'),
    },
  ],
};

export const Severity = z.enum(['error', 'warning']);

export const Finding = z.strictObject({
  rule: z.string().meta({ description: 'Id of the rule; rules holds its reason and fix' }),
  severity: Severity,
  message: z.string(),
  document: z.string().meta({ description: 'Name of the text' }),
  line: z.int().meta({ description: 'From 1' }),
  column: z.int().meta({ description: 'From 1' }),
  path: z.string().meta({ description: 'JSON Pointer of the part within its YAML document' }),
  resource: z.string().optional().meta({ description: 'The resource, component or service that it is about' }),
});
export type Finding = z.infer<typeof Finding>;

export const ValidateResult = z.strictObject({
  valid: z.boolean().meta({ description: 'True when there is no error; warnings may be left, and parts not checked' }),
  errors: z.int(),
  warnings: z.int(),
  checked: z.int().meta({ description: 'Resources, components or services that were looked at' }),
  findings: z.array(Finding).meta({ description: 'By document and line; errors and warnings count all of them' }),
  truncated: z.boolean().meta({ description: `True when findings holds only the first ${maxFindings}` }),
  rules: z
    .array(z.strictObject({ id: z.string(), severity: Severity, reason: z.string(), fix: z.string() }))
    .meta({ description: 'The rules that were broken' }),
  rules_applied: z.int().meta({ description: 'How many rules there are for the format, without the ignored ones' }),
  not_checked: z
    .array(z.strictObject({ document: z.string(), line: z.int(), what: z.string(), reason: z.string() }))
    .meta({
      description: 'Parts of which nothing is known, such as resources of kinds that a CustomResourceDefinition makes',
    }),
  ignored: z.record(z.string(), z.int()).meta({ description: 'Findings of the ignored rules, by rule' }),
});
export type ValidateResult = z.infer<typeof ValidateResult>;

import { operation, type TaskContext } from '@pulser/agent-runtime/skill';
import { stringify } from 'yaml';

import { documentOf, type Format } from '../documents/document-input.js';
import { positionOf } from '../rules/finding.js';
import { validateDocuments } from '../validate/validation.js';
import { renderAppPlatform } from './render-app-platform.js';
import { renderCompose } from './render-compose.js';
import { example, RenderInput, type RenderResult } from './render-contract.js';
import { renderKubernetes } from './render-kubernetes.js';
import type { Rendering, ServiceDescription } from './service-description.js';

// The operation `render`: one description as the files of three targets, each held against the rules of `validate`.

interface Target {
  readonly file: string;
  readonly render: (description: ServiceDescription) => Rendering;
}

const targets: Readonly<Record<Format, Target>> = {
  kubernetes: { file: 'kubernetes.yaml', render: renderKubernetes },
  'app-platform': { file: 'app.yaml', render: renderAppPlatform },
  compose: { file: 'docker-compose.yml', render: renderCompose },
};

// Words that readers of YAML 1.1 take for booleans or numbers are quoted; nothing is folded or shared.
const yaml = (document: unknown): string =>
  stringify(document, { compat: 'yaml-1.1', lineWidth: 0, aliasDuplicateObjects: false });

const findingsIn = async (
  target: Format,
  file: string,
  content: string,
): Promise<RenderResult['files'][number]['findings']> => {
  const { hits } = await validateDocuments(target, [documentOf(file, content)]);
  return hits.map((hit) => ({ rule: hit.rule, line: positionOf(hit).line, message: hit.message }));
};

/** The file of one target. */
export const renderFile = async (
  target: Format,
  description: ServiceDescription,
): Promise<RenderResult['files'][number]> => {
  const { file, render } = targets[target];
  const { documents, notExpressed } = render(description);
  const content = documents.map(yaml).join('---\n');
  return {
    target,
    file,
    content,
    not_expressed: [...notExpressed],
    findings: await findingsIn(target, file, content),
  };
};

const secretsOf = ({ services, jobs }: ServiceDescription): RenderResult['secrets'] => {
  const found = new Map<string, RenderResult['secrets'][number]>();
  for (const { name, secrets } of [...services, ...jobs])
    for (const { secret, key } of secrets) {
      const id = JSON.stringify([secret, key]);
      const known = found.get(id) ?? { secret, key, used_by: [] };
      found.set(id, { ...known, used_by: [...known.used_by, name] });
    }
  return [...found.values()];
};

const keep = async ({ file, content }: RenderResult['files'][number], context: TaskContext): Promise<void> =>
  context.artifact(file, 'application/yaml', Buffer.from(content));

/** Renders a description of services. */
export const render = operation({
  name: 'render',
  summary: 'Renders one description of services as Kubernetes manifests, App Platform spec and compose file',
  input: RenderInput,
  example,
  handle: async ({ description, targets: wanted }, context): Promise<RenderResult> => {
    const files = await Promise.all([...new Set(wanted)].map((target) => renderFile(target, description)));
    for (const file of files) await keep(file, context);
    return { files, secrets: secretsOf(description) };
  },
});

// The ways to deploy, each as one text that arkie's `validate` reads.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runOperation } from '@pulser/agent-runtime/testing';
import { infrastructure } from '@pulser/skill-infrastructure';
import { findKustomize, render } from './kustomize.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
export const read = (path) => readFileSync(`${root}${path}`, 'utf8');

const files = [
  { name: 'docker-compose.yml', format: 'compose', path: 'docker-compose.yml' },
  { name: 'compose/production.yml', format: 'compose', path: 'deploy/compose/production.yml' },
  { name: 'app-platform/pulser.yaml', format: 'app-platform', path: 'deploy/app-platform/pulser.yaml' },
];

const overlays = readdirSync(`${root}deploy/kubernetes/overlays`);

export const kustomize = await findKustomize();

const rendered = async (overlay) => ({
  name: `kubernetes/${overlay}`,
  format: 'kubernetes',
  text: await render(kustomize.command, `${root}deploy/kubernetes/overlays/${overlay}`),
});

/** All of them: `{ name, format, text }`; without the overlays where there is no kustomize. */
export const deployments = [
  ...files.map(({ name, format, path }) => ({ name, format, text: read(path) })),
  ...(kustomize.command === undefined ? [] : await Promise.all(overlays.map(rendered))),
];

export const deployment = (name) => deployments.find((one) => one.name === name);

/** What arkie finds in a text. */
export async function validate(format, text) {
  const { result } = await runOperation(infrastructure, {
    operation: 'validate',
    format,
    documents: [{ name: format, content: text }],
  });
  return result;
}

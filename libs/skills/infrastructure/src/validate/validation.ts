// Documents against schemas and rules: everything that is found in them.
import type { Format } from '../documents/document-input.js';
import type { ReadDocument } from '../documents/document-input.js';
import { Part } from '../documents/part.js';
import type { YamlDocument } from '../documents/yaml-document.js';
import { appPlatformRules, appSpecOf } from '../rules/app-platform-rules.js';
import { composeFileRules } from '../rules/compose-file-rules.js';
import { composeFileOf } from '../rules/compose-model.js';
import { composeServiceRules } from '../rules/compose-rules.js';
import { applyRules, type RuleHit } from '../rules/finding.js';
import { containerRules } from '../rules/kubernetes/container-rules.js';
import { podRules } from '../rules/kubernetes/pod-rules.js';
import { resourceRules } from '../rules/kubernetes/resource-rules.js';
import { containersOf, type Resource, resourceSetOf, resourcesOf } from '../rules/kubernetes/resources.js';
import { setRules } from '../rules/kubernetes/set-rules.js';
import { schemaChecks, type SchemaHit } from '../schemas/schema-check.js';

/** A part of which nothing is known. */
export interface NotChecked {
  readonly document: YamlDocument;
  readonly part: Part;
  readonly what: string;
  readonly reason: string;
}

export interface Validation {
  readonly hits: readonly RuleHit[];
  readonly notChecked: readonly NotChecked[];
  /** Resources, components or services that were looked at. */
  readonly checked: number;
}

type Check = (documents: readonly YamlDocument[]) => Promise<Validation>;

const unknownKind = ({ part, apiVersion, kind, name }: Resource): NotChecked => ({
  document: part.document,
  part,
  what: `${apiVersion}/${kind} ${name}`,
  reason: 'No schema of this kind is known; only its name was looked at',
});

/** @returns undefined for a kind that no schema describes */
const schemaHits = async ({ part, apiVersion, kind }: Resource): Promise<RuleHit[] | undefined> => {
  if (kind === '' || apiVersion === '') return [missingType(part, kind === '' ? 'kind' : 'apiVersion')];
  const hits = await schemaChecks.kubernetes(`${apiVersion}/${kind}`, part.value);
  return hits?.map((hit) => ({ ...hit, document: part.document, path: [...part.path, ...hit.path] }));
};

const missingType = ({ document, path }: Part, field: string): RuleHit => ({
  rule: 'missing-field',
  document,
  path,
  place: 'inside',
  message: `"${field}" is missing: it is no manifest of Kubernetes`,
});

const kubernetes: Check = async (documents) => {
  const resources = resourcesOf(documents);
  const hits: RuleHit[] = [];
  const known: Resource[] = [];
  const notChecked: NotChecked[] = [];
  for (const resource of resources) {
    const found = await schemaHits(resource);
    if (found === undefined) notChecked.push(unknownKind(resource));
    else {
      known.push(resource);
      hits.push(...found);
    }
  }
  const set = resourceSetOf(known);
  hits.push(
    ...applyRules(containerRules, set.workloads.flatMap(containersOf)),
    ...applyRules(podRules, set.workloads),
    ...applyRules(resourceRules, resources),
    ...applyRules(setRules, [{ ...set, resources }]),
  );
  return { hits, notChecked, checked: known.length };
};

const inDocument = (document: YamlDocument, hits: readonly SchemaHit[]): RuleHit[] =>
  hits.map((hit) => ({ ...hit, document }));

const eachAlone =
  (check: (document: YamlDocument) => Promise<Validation>): Check =>
  async (documents) => {
    const all = await Promise.all(documents.map(check));
    return {
      hits: all.flatMap(({ hits }) => hits),
      notChecked: all.flatMap(({ notChecked }) => notChecked),
      checked: all.reduce((sum, { checked }) => sum + checked, 0),
    };
  };

const appPlatform = eachAlone(async (document) => {
  const spec = appSpecOf(document);
  const schema = inDocument(document, await schemaChecks.appPlatform(document.value));
  return {
    hits: [...schema, ...applyRules(appPlatformRules, [spec])],
    notChecked: [],
    checked: spec.components.length,
  };
});

/** What another file adds cannot be known. */
const elsewhere = (document: YamlDocument): NotChecked[] => {
  const file = new Part(document);
  const parts = [
    ...(file.at('include').exists ? [file.at('include')] : []),
    ...file.members('services').flatMap(([, one]) => (one.at('extends', 'file').exists ? [one.at('extends')] : [])),
  ];
  return parts.map((part) => ({ document, part, what: String(part.path.at(-1)), reason: 'Other files are not read' }));
};

const compose = eachAlone(async (document) => {
  const file = composeFileOf(document);
  const schema = inDocument(document, await schemaChecks.compose(document.value));
  return {
    hits: [...schema, ...applyRules(composeServiceRules, file.services), ...applyRules(composeFileRules, [file])],
    notChecked: elsewhere(document),
    checked: file.services.length,
  };
});

const checks: Readonly<Record<Format, Check>> = { kubernetes, 'app-platform': appPlatform, compose };

/** What the documents of one text are looked at as: those beyond the first of a file that has one are an error. */
const counted = (format: Format, { documents }: ReadDocument): { kept: readonly YamlDocument[]; extra: RuleHit[] } => {
  if (format === 'kubernetes') return { kept: documents, extra: [] };
  const message = 'There is more than one document';
  const extra = documents.slice(1).map((document) => ({
    rule: 'one-document',
    document,
    path: [],
    place: 'inside' as const,
    message,
  }));
  return { kept: documents.slice(0, 1), extra };
};

/** Documents of one format against its schemas and rules. */
export const validateDocuments = async (format: Format, read: readonly ReadDocument[]): Promise<Validation> => {
  const all = read.map((one) => counted(format, one));
  const validation = await checks[format](all.flatMap(({ kept }) => kept));
  return { ...validation, hits: [...all.flatMap(({ extra }) => extra), ...validation.hits] };
};

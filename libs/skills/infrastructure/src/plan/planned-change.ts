// Two specs of one format, cut into what changes alone: resources, components, services.
import type { Format } from '../documents/document-input.js';
import { Part } from '../documents/part.js';
import type { Path, YamlDocument } from '../documents/yaml-document.js';
import { resourcesOf } from '../rules/kubernetes/resources.js';
import type { Effect } from './plan-contract.js';

/** A thing that is changed alone. */
export interface Unit {
  /** The same in both specs. */
  readonly key: string;
  /** As its reader names it. */
  readonly label: string;
  readonly part: Part;
}

/** A thing before and after; one of them may be missing. */
export interface PlannedChange {
  readonly label: string;
  readonly before: Part | undefined;
  readonly after: Part | undefined;
  /** The paths that change. */
  readonly paths: readonly Path[];
}

/** What a change does, with its reasons. */
export interface Consequence {
  readonly effect: Effect;
  readonly mayLoseData: boolean;
  readonly reasons: readonly string[];
}

export const consequence = (effect: Effect, reason: string, mayLoseData = false): Consequence => ({
  effect,
  mayLoseData,
  reasons: [reason],
});

/** Whether one of the paths lies at or under the prefix, or above it. */
export const touches = (paths: readonly Path[], ...prefix: readonly string[]): boolean =>
  paths.some((path) => prefix.slice(0, path.length).every((key, index) => String(path[index]) === key));

const kubernetesUnits = (documents: readonly YamlDocument[]): Unit[] =>
  resourcesOf(documents).map(({ part, apiVersion, kind, namespace, name }) => ({
    // The same resource in another version of its API is the same resource.
    key: JSON.stringify([apiVersion.split('/').slice(0, -1), kind, namespace, name]),
    label: `${kind}/${name}${namespace === 'default' ? '' : ` in ${namespace}`}`,
    part,
  }));

const without = (document: YamlDocument, lists: readonly string[]): Part => {
  const whole = new Part(document);
  const kept = Object.create(null) as Record<string, unknown>;
  for (const [key, { value }] of whole.members()) if (!lists.includes(key)) kept[key] = value;
  return new Part(document, kept);
};

const components = ['services', 'workers', 'jobs', 'static_sites', 'functions', 'databases'];

const appUnits = (documents: readonly YamlDocument[]): Unit[] =>
  documents.slice(0, 1).flatMap((document) => [
    { key: 'app', label: 'app', part: without(document, components) },
    ...components.flatMap((kind) =>
      new Part(document).items(kind).map((part) => {
        const label = `${kind}/${part.at('name').text ?? ''}`;
        return { key: label, label, part };
      }),
    ),
  ]);

const composeParts = ['services', 'volumes', 'networks', 'configs', 'secrets'];

const composeUnits = (documents: readonly YamlDocument[]): Unit[] =>
  documents
    .slice(0, 1)
    .flatMap((document) => [
      { key: 'file', label: 'file', part: without(document, composeParts) },
      ...composeParts.flatMap((kind) =>
        new Part(document)
          .members(kind)
          .map(([name, part]) => ({ key: `${kind}/${name}`, label: `${kind}/${name}`, part: orEmpty(part) })),
      ),
    ]);

/** `data:` alone defines a volume as well. */
const orEmpty = (part: Part): Part => (part.exists ? part : new Part(part.document, {}, part.path));

const unitsBy: Readonly<Record<Format, (documents: readonly YamlDocument[]) => Unit[]>> = {
  kubernetes: kubernetesUnits,
  'app-platform': appUnits,
  compose: composeUnits,
};

/** The parts of a spec by their key; of two with one key the last. */
export const unitsOf = (format: Format, documents: readonly YamlDocument[]): Map<string, Unit> =>
  new Map(unitsBy[format](documents).map((unit) => [unit.key, unit]));

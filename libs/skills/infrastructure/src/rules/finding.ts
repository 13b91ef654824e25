// What a rule is, and what it says about a place at which it does not hold.
import type { Part } from '../documents/part.js';
import type { Path, Position, YamlDocument } from '../documents/yaml-document.js';

export type Severity = 'error' | 'warning';

/** A rule as its reader sees it. */
export interface RuleText {
  readonly id: string;
  readonly severity: Severity;
  /** What happens otherwise. */
  readonly reason: string;
  readonly fix: string;
}

/** Where a rule does not hold. */
export interface Hit {
  readonly document: YamlDocument;
  readonly path: Path;
  /** Where its line is taken: at the key, or of what stands inside when something is missing there. */
  readonly place: 'key' | 'inside';
  readonly message: string;
}

/** Something is there that should be different. */
export const wrong = ({ document, path }: Part, message: string): Hit => ({ document, path, place: 'key', message });

/** Something is missing in the part. */
export const missingIn = ({ document, path }: Part, message: string): Hit => ({
  document,
  path,
  place: 'inside',
  message,
});

export const positionOf = ({ document, path, place }: Hit): Position =>
  place === 'key' ? document.keyAt(path) : document.at(path);

/** A rule about subjects of one kind: containers, pods, services of a compose file. */
export interface Rule<Subject> extends RuleText {
  readonly check: (subject: Subject) => readonly Hit[];
}

/** A hit with the rule that it breaks. */
export interface RuleHit extends Hit {
  readonly rule: string;
}

export const applyRules = <Subject>(rules: readonly Rule<Subject>[], subjects: readonly Subject[]): RuleHit[] =>
  rules.flatMap(({ id, check }) => subjects.flatMap((subject) => check(subject).map((hit) => ({ ...hit, rule: id }))));

/** The second and later ones of those that have the same key. @param keyOf undefined: not compared */
export const repeated = <T>(items: readonly T[], keyOf: (item: T) => string | undefined): T[] => {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = keyOf(item);
    if (key === undefined) return false;
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  });
};

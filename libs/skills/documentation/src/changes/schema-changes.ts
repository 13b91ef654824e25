// Compares two schemas in the direction in which their values go.
import { documentationErrors } from '../documents/documentation-errors.js';
import { isMap, isTrue, type JsonMap, memberOf, textAt } from '../openapi/json-node.js';
import type { Direction } from '../openapi/made-example.policy.js';
import type { OpenApiDocument } from '../openapi/openapi-document.js';
import { valueText } from '../openapi/schema-words.js';
import { canonical } from './canonical.js';
import type { ChangeReport } from './change-report.js';
import {
  type Bound,
  comparable,
  type ComparableSchema,
  isTighter,
  type Place,
  type Property,
} from './comparable-schema.js';
import { formatContains, typesContain } from './containment.policy.js';

/** Pairs of schemas that are compared. GitHub's description against itself has some 60,000. */
const maxPairs = 1_000_000;
/** Alternatives of one schema that are held against each other. */
const maxAlternatives = 300;

interface Pair {
  readonly direction: Direction;
  readonly before: ComparableSchema;
  readonly after: ComparableSchema;
  /** As they are referred to. */
  readonly places: Matched;
}

const everything = (at: string): Place => ({ schema: true, at });

export class SchemaChanges {
  private readonly seen = new Set<string>();

  constructor(
    private readonly earlier: OpenApiDocument,
    private readonly later: OpenApiDocument,
    private readonly report: ChangeReport,
  ) {}

  /** @throws TaskError `document_too_large` when there are more pairs of schemas than a million */
  compare(direction: Direction, before: Place, after: Place): void {
    // Each pair once: that ends recursion, too.
    const key = `${direction} ${this.earlier.resolve(before.schema, before.at).at} ${this.later.resolve(after.schema, after.at).at}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    if (this.seen.size > maxPairs)
      throw documentationErrors.error(
        'document_too_large',
        `There are more than ${maxPairs} pairs of schemas to compare`,
      );
    const views = { before: comparable(this.earlier, before), after: comparable(this.later, after) };
    this.comparePair({ direction, ...views, places: [before, after] });
  }

  private comparePair(pair: Pair): void {
    const { before, after } = pair;
    if (before.unread !== undefined || after.unread !== undefined) {
      const reference = before.unread ?? after.unread ?? '';
      this.report.leaveOpen(before.at, after.at, `The reference ${valueText(reference)} leads to another document`);
      return;
    }
    this.compareOthers(pair);
    if (before.alternatives !== undefined || after.alternatives !== undefined) {
      this.compareAlternatives(pair, before.alternatives, after.alternatives);
      if (before.alternatives === undefined || after.alternatives === undefined) return;
    }
    if (!this.compareTypes(pair)) return;
    this.compareValues(pair);
    this.compareBounds(pair);
    this.compareTexts(pair);
    this.compareProperties(pair);
    this.compareInner(pair);
  }

  private add(
    pair: Pair,
    what: SchemaRule,
    text: string,
    places: { before?: string | undefined; after?: string | undefined } = {},
  ): void {
    this.report.add(
      `${pair.direction}-${what}` as 'request-type-narrowed',
      places.before ?? pair.before.at,
      places.after ?? pair.after.at,
      text,
    );
  }

  /** Adds a change by whether it lets more values through, fewer, or both. */
  private shift(
    pair: Pair,
    change: Shift,
    text: string,
    places: { before?: string | undefined; after?: string | undefined } = {},
  ): void {
    const { fewer, more } = change;
    const isRequest = pair.direction === 'request';
    if (fewer !== undefined && (isRequest || more === undefined)) this.add(pair, fewer, text, places);
    else if (more !== undefined) this.add(pair, more, text, places);
  }

  private compareOthers({ before, after }: Pair): void {
    for (const key of new Set([...before.others.keys(), ...after.others.keys()]))
      if (canonical(before.others.get(key)) !== canonical(after.others.get(key)))
        this.report.leaveOpen(before.at, after.at, `No rule judges the keyword ${key}`);
  }

  /** @returns whether the rest can be compared */
  private compareTypes(pair: Pair): boolean {
    const [was, is] = [namesOf(pair.before), namesOf(pair.after)];
    const fewer = !typesContain(is, was);
    const more = !typesContain(was, is);
    const text = `${wordsOf(was)} becomes ${wordsOf(is)}`;
    if (fewer || more)
      this.shift(
        pair,
        { ...(fewer && { fewer: 'type-narrowed' as const }), ...(more && { more: 'type-widened' as const }) },
        text,
      );
    return (
      was === undefined ||
      is === undefined ||
      [...was].some((name) => name !== 'null' && (is.has(name) || isNumber(name, is)))
    );
  }

  private compareValues(pair: Pair): void {
    const { values: was, at: beforeAt } = pair.before;
    const { values: is, at: afterAt } = pair.after;
    if (was === undefined && is === undefined) return;
    if (was === undefined || is === undefined) {
      const introduced = was === undefined;
      const list = (was ?? is)?.list ?? [];
      const text = introduced ? `only ${listOf(list)}` : `no longer only ${listOf(list)}`;
      this.add(pair, introduced ? 'enum-introduced' : 'enum-dropped', text, {
        before: was?.at ?? beforeAt,
        after: is?.at ?? afterAt,
      });
      return;
    }
    const [wasSet, isSet] = [new Set(was.list.map(canonical)), new Set(is.list.map(canonical))];
    const removed = was.list.filter((value) => !isSet.has(canonical(value)));
    const added = is.list.filter((value) => !wasSet.has(canonical(value)));
    const places = { before: was.at, after: is.at };
    if (removed.length > 0) this.add(pair, 'enum-value-removed', listOf(removed), places);
    if (added.length > 0) this.add(pair, 'enum-value-added', listOf(added), places);
  }

  private compareBounds(pair: Pair): void {
    const { before, after } = pair;
    for (const name of new Set([...before.bounds.keys(), ...after.bounds.keys()])) {
      const [was, is] = [before.bounds.get(name), after.bounds.get(name)];
      const places = { before: was?.at, after: is?.at };
      const text = `${name} bound: ${boundText(was)} becomes ${boundText(is)}`;
      if (isTighter(name, is, was)) this.add(pair, 'bound-tightened', text, places);
      else if (isTighter(name, was, is)) this.add(pair, 'bound-loosened', text, places);
    }
    const [was, is] = [before.multipleOf, after.multipleOf];
    if (was === is) return;
    const [fewer, more] = [!divides(is, was), !divides(was, is)];
    this.shift(
      pair,
      { ...(fewer && { fewer: 'bound-tightened' as const }), ...(more && { more: 'bound-loosened' as const }) },
      `a multiple of ${was ?? 'anything'} becomes a multiple of ${is ?? 'anything'}`,
    );
  }

  private compareTexts(pair: Pair): void {
    const { before, after, direction } = pair;
    if (before.format !== after.format) {
      const [fewer, more] = [
        !formatContains(after.format, before.format),
        !formatContains(before.format, after.format),
      ];
      this.shift(
        pair,
        { ...(fewer && { fewer: 'format-narrowed' as const }), ...(more && { more: 'format-widened' as const }) },
        `${before.format ?? 'no format'} becomes ${after.format ?? 'no format'}`,
      );
    }
    this.comparePatterns(pair, before.pattern, after.pattern);
    if (before.uniqueItems !== after.uniqueItems)
      this.add(pair, after.uniqueItems ? 'items-must-differ' : 'items-may-repeat', 'uniqueItems');
    const [was, is] = [before.fallback, after.fallback];
    if (direction === 'request' && was && is && canonical(was.value) !== canonical(is.value))
      this.report.add(
        'request-default-changed',
        was.at,
        is.at,
        `${valueText(was.value)} becomes ${valueText(is.value)}`,
      );
  }

  private comparePatterns(pair: Pair, was: ComparableSchema['pattern'], is: ComparableSchema['pattern']): void {
    if (was?.value === is?.value) return;
    const text = `${valueText(was?.value ?? 'no pattern')} becomes ${valueText(is?.value ?? 'no pattern')}`;
    const places = { before: was?.at, after: is?.at };
    if (is === undefined) this.add(pair, 'bound-loosened', text, places);
    else if (was === undefined) this.add(pair, 'bound-tightened', text, places);
    else this.add(pair, 'pattern-changed', text, places);
  }

  private compareProperties(pair: Pair): void {
    const [was, is] = [this.visible(pair, this.earlier, pair.before), this.visible(pair, this.later, pair.after)];
    for (const [name, property] of was) {
      const now = is.get(name);
      if (now === undefined) this.add(pair, 'property-removed', name, { before: property.at });
      else this.compareProperty(pair, name, property, now);
    }
    for (const [name, property] of is) {
      if (was.has(name)) continue;
      const rule = pair.direction === 'request' && property.required ? 'required-property-added' : 'property-added';
      this.add(pair, rule, name, { after: property.at });
    }
    if (pair.before.closed !== pair.after.closed)
      this.add(pair, pair.after.closed ? 'object-closed' : 'object-opened', 'additionalProperties');
  }

  private compareProperty(pair: Pair, name: string, was: Property, is: Property): void {
    const places = { before: was.at, after: is.at };
    if (!was.required && is.required) this.add(pair, 'property-became-required', name, places);
    if (was.required && !is.required) this.add(pair, 'property-became-optional', name, places);
    this.compare(pair.direction, was, is);
  }

  // What is read only is not sent, what is write only does not come back.
  private visible(pair: Pair, document: OpenApiDocument, view: ComparableSchema): Map<string, Property> {
    const hidden = pair.direction === 'request' ? 'readOnly' : 'writeOnly';
    return new Map(
      [...view.properties].filter(([, { schema, at }]) => !isTrue(document.resolve(schema, at).value, hidden)),
    );
  }

  private compareInner({ direction, before, after }: Pair): void {
    if (before.items !== undefined || after.items !== undefined)
      this.compare(direction, before.items ?? everything(before.at), after.items ?? everything(after.at));
    if (before.additional !== undefined || after.additional !== undefined)
      this.compare(direction, before.additional ?? everything(before.at), after.additional ?? everything(after.at));
  }

  private compareAlternatives(pair: Pair, was: readonly Place[] | undefined, is: readonly Place[] | undefined): void {
    const [left, right] = [was ?? [pair.before.only ?? pair.places[0]], is ?? [pair.after.only ?? pair.places[1]]];
    if (left.length > maxAlternatives || right.length > maxAlternatives) {
      this.report.leaveOpen(pair.before.at, pair.after.at, `There are more than ${maxAlternatives} alternatives`);
      return;
    }
    const { matched, removed, added } = matchAlternatives(left, right);
    for (const [one, other] of matched) this.compare(pair.direction, one, other);
    for (const one of removed) this.add(pair, 'alternative-removed', nameOf(one), { before: one.at });
    for (const one of added) this.add(pair, 'alternative-added', nameOf(one), { after: one.at });
  }
}

type SchemaRule =
  | 'type-narrowed'
  | 'type-widened'
  | 'format-narrowed'
  | 'format-widened'
  | 'enum-value-removed'
  | 'enum-value-added'
  | 'enum-introduced'
  | 'enum-dropped'
  | 'bound-tightened'
  | 'bound-loosened'
  | 'pattern-changed'
  | 'items-must-differ'
  | 'items-may-repeat'
  | 'property-removed'
  | 'property-added'
  | 'required-property-added'
  | 'property-became-required'
  | 'property-became-optional'
  | 'object-closed'
  | 'object-opened'
  | 'alternative-removed'
  | 'alternative-added';

interface Shift {
  /** The rule when values that were let through are not any more. */
  readonly fewer?: SchemaRule;
  /** The rule when values are let through that were not. */
  readonly more?: SchemaRule;
}

const namesOf = (view: ComparableSchema): ReadonlySet<string> | undefined => {
  if (view.types === undefined) return undefined;
  return view.nullable ? new Set([...view.types, 'null']) : view.types;
};

const isNumber = (name: string, names: ReadonlySet<string>): boolean =>
  (name === 'integer' && names.has('number')) || (name === 'number' && names.has('integer'));

const wordsOf = (names: ReadonlySet<string> | undefined): string =>
  names === undefined ? 'any' : [...names].join(' | ');

const listOf = (values: readonly unknown[]): string => {
  const shown = values.slice(0, 20).map(valueText).join(', ');
  return values.length > 20 ? `${shown} and ${values.length - 20} more` : shown;
};

const boundText = (bound: Bound | undefined): string =>
  bound === undefined ? 'none' : `${bound.value}${bound.exclusive ? ' (open)' : ''}`;

/** Whether all multiples of `of` are multiples of `divisor`. */
const divides = (divisor: number | undefined, of: number | undefined): boolean =>
  divisor === undefined || (of !== undefined && Number.isInteger(of / divisor));

const nameOf = ({ schema, at }: Place): string =>
  textAt(schema, 'title') ?? textAt(schema, '$ref')?.split('/').at(-1) ?? at;

type Matched = readonly [before: Place, after: Place];

interface Matches {
  readonly matched: readonly Matched[];
  readonly removed: readonly Place[];
  readonly added: readonly Place[];
}

// First by name, then by being the same, then by type, then, when as many are left on both sides, by their order.
const matchAlternatives = (before: readonly Place[], after: readonly Place[]): Matches => {
  const matched: Matched[] = [];
  const [left, right] = [new Set(before), new Set(after)];
  for (const keyOf of [referenceOf, discriminatorOf, titleOf, contentOf, typeOf]) {
    const byKey = new Map([...right].map((place) => [keyOf(place), place]));
    for (const one of left) {
      const key = keyOf(one);
      const other = key === undefined ? undefined : byKey.get(key);
      if (other === undefined || !right.has(other)) continue;
      matched.push([one, other]);
      left.delete(one);
      right.delete(other);
    }
  }
  if (left.size !== right.size) return { matched, removed: [...left], added: [...right] };
  const rest = [...right];
  return {
    matched: [...matched, ...[...left].map((one, index): Matched => [one, rest[index] ?? one])],
    removed: [],
    added: [],
  };
};

const referenceOf = ({ schema }: Place): string | undefined => textAt(schema, '$ref');
const typeOf = ({ schema }: Place): string | undefined => textAt(schema, 'type');
const contentOf = ({ schema }: Place): string => canonical(isMap(schema) ? withoutWords(schema) : schema);

const words = new Set(['description', 'title', 'example', 'examples', 'deprecated', 'externalDocs']);
const withoutWords = (schema: JsonMap): JsonMap =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => !words.has(key)));

const titleOf = ({ schema }: Place): string | undefined => textAt(schema, 'title');
const discriminatorOf = ({ schema }: Place): string | undefined => {
  const properties = memberOf(schema, 'properties');
  const constants = Object.entries(properties ?? {}).flatMap(([name, value]: [string, unknown]) => {
    const constant = memberOf(value, 'const');
    return constant === undefined ? [] : [`${name}=${canonical(constant)}`];
  });
  return constants.length === 0 ? undefined : constants.join(' ');
};

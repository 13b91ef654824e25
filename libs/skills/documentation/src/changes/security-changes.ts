// Whether a client that could authorise before still can.
import { isMap, type JsonMap, mapAt, memberOf, pointerStep } from '../openapi/json-node.js';
import type { ApiOperation, OpenApiDocument } from '../openapi/openapi-document.js';
import { valueText } from '../openapi/schema-words.js';
import { canonical } from './canonical.js';
import type { ChangeReport } from './change-report.js';

/** Schemes with their scopes, all of which are needed at the same time. */
type Requirement = ReadonlyMap<string, ReadonlySet<string>>;

const schemesAt = '/components/securitySchemes';

// What matters to a client; scopes are compared where they are asked for.
const identity = (document: OpenApiDocument, scheme: unknown): string => {
  const value = document.resolve(scheme, '').value;
  const { type, name, in: place, scheme: kind, openIdConnectUrl } = isMap(value) ? value : {};
  const flows = Object.entries(mapAt(value, 'flows')).map(([flow, one]) => {
    const { authorizationUrl, tokenUrl } = isMap(one) ? one : {};
    return [flow, authorizationUrl, tokenUrl];
  });
  return canonical([type, name, place, typeof kind === 'string' ? kind.toLowerCase() : null, openIdConnectUrl, flows]);
};

const schemesOf = (document: OpenApiDocument): JsonMap => mapAt(mapAt(document.root, 'components'), 'securitySchemes');

export class SecurityChanges {
  /** Schemes of the later description that have another name in the earlier one. */
  private readonly renamed = new Map<string, string>();

  constructor(
    private readonly earlier: OpenApiDocument,
    private readonly later: OpenApiDocument,
    private readonly report: ChangeReport,
  ) {
    const [was, is] = [schemesOf(earlier), schemesOf(later)];
    const leftOver = new Map(
      Object.keys(was)
        .filter((name) => !Object.hasOwn(is, name))
        .map((name) => [identity(earlier, was[name]), name]),
    );
    for (const name of Object.keys(is)) {
      const old = Object.hasOwn(was, name) ? undefined : leftOver.get(identity(later, is[name]));
      if (old !== undefined) this.renamed.set(name, old);
    }
  }

  compareSchemes(): void {
    const [was, is] = [schemesOf(this.earlier), schemesOf(this.later)];
    for (const name of Object.keys(was)) {
      const at = schemesAt + pointerStep(name);
      if (Object.hasOwn(is, name) && identity(this.earlier, was[name]) !== identity(this.later, is[name]))
        this.report.add('security-scheme-changed', at, at, name);
    }
  }

  compare(before: ApiOperation, after: ApiOperation): void {
    const [was, is] = [placeOf(this.earlier, before), placeOf(this.later, after)];
    const [earlier, later] = [requirementsOf(was.value), requirementsOf(is.value, this.renamed)];
    const text = `${wordsOf(earlier)} becomes ${wordsOf(later)}`;
    if (!coversAll(later, earlier)) this.report.add('security-tightened', was.at, is.at, text);
    // Also one that asks for more than another one: it is a way that was not there.
    else if (!later.every((one) => earlier.some((other) => isSame(one, other))))
      this.report.add('security-loosened', was.at, is.at, text);
  }
}

const placeOf = (
  document: OpenApiDocument,
  { node, at }: ApiOperation,
): { readonly value: unknown; readonly at: string } => {
  const own = memberOf(node, 'security');
  if (own !== undefined) return { value: own, at: `${at}/security` };
  const general = memberOf(document.root, 'security');
  return general === undefined ? { value: [], at } : { value: general, at: '/security' };
};

const requirementsOf = (value: unknown, renamed: ReadonlyMap<string, string> = new Map()): Requirement[] => {
  const list = (Array.isArray(value) ? (value as unknown[]) : []).filter(isMap);
  const requirements = list.map(
    (one): Requirement =>
      new Map(
        Object.entries(one).map(([name, scopes]) => [
          renamed.get(name) ?? name,
          new Set((Array.isArray(scopes) ? (scopes as unknown[]) : []).filter((scope) => typeof scope === 'string')),
        ]),
      ),
  );
  // An empty list asks for nothing.
  return requirements.length === 0 ? [new Map()] : requirements;
};

const covers = (wanted: Requirement, given: Requirement): boolean =>
  [...wanted].every(([name, scopes]) => {
    const known = given.get(name);
    return known !== undefined && [...scopes].every((scope) => known.has(scope));
  });

const isSame = (one: Requirement, other: Requirement): boolean => covers(one, other) && covers(other, one);

/** Whether whoever fulfils any of `given` fulfils one of `wanted`. */
const coversAll = (wanted: readonly Requirement[], given: readonly Requirement[]): boolean =>
  given.every((one) => wanted.some((other) => covers(other, one)));

const wordsOf = (requirements: readonly Requirement[]): string =>
  valueText(
    requirements
      .map((one) =>
        one.size === 0
          ? 'nothing'
          : [...one]
              .map(([name, scopes]) => (scopes.size === 0 ? name : `${name} (${[...scopes].join(', ')})`))
              .join(' and '),
      )
      .join(' or '),
  );

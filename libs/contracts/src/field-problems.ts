// What is wrong with a value from outside, member by member: the entries of `errors` in a problem document, and in the
// reason of a dead letter.
import type { z } from 'zod';

import { startOf, storable } from './kept.js';

/** One wrong field: a JSON pointer (RFC 6901) into the request and what is wrong there. */
export interface FieldProblem {
  readonly pointer: string;
  readonly detail: string;
}

/** What a client can send wrong has no bound; what it is told has. */
export const maxFieldProblems = 20;
const maxSegmentLength = 100;
const maxListed = 300;

const escape = (segment: PropertyKey): string =>
  storable(startOf(String(segment), maxSegmentLength))
    .replaceAll('~', '~0')
    .replaceAll('/', '~1');

/** A path as a JSON pointer (RFC 6901) that can be stored and shown; very long names are cut off. */
export const jsonPointer = (path: readonly PropertyKey[]): string =>
  path.map((segment) => `/${escape(segment)}`).join('');

/** `Must be one of "a", "b"`, with as many as fit into a line or two. */
export const mustBeOneOf = (values: readonly unknown[]): string => {
  const all = values.map((value) => JSON.stringify(value)).join(', ');
  const shown = all.length > maxListed ? `${startOf(all, maxListed)} ...` : all;
  return values.length === 1 ? `Must be ${shown}` : `Must be one of ${shown}`;
};

type Path = readonly PropertyKey[];

type UnionIssue = Extract<z.core.$ZodIssue, { code: 'invalid_union' }>;

// An issue with the very value, not with a member of it: then the value was not meant for this branch of a union.
const isAnotherKind = ({ code, path }: z.core.$ZodIssue): boolean =>
  path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');

type Branch = readonly z.core.$ZodIssue[];

const depthOf = (branch: Branch): number => Math.max(...branch.map(({ path }) => path.length));

// Of as many faults those that lie deeper: what is above them fits.
const byFaults = (a: Branch, b: Branch): number => a.length - b.length || depthOf(b) - depthOf(a);

/** Those of the branch that was meant: of the right kind, with the fewest faults. */
const problemsOfUnion = (
  { errors, options }: UnionIssue & { options?: readonly unknown[] },
  path: Path,
  message: string,
) => {
  if (options !== undefined) return [{ pointer: jsonPointer(path), detail: mustBeOneOf(options) }];
  const meant = errors.filter((branch) => !branch.some(isAnotherKind)).sort(byFaults)[0];
  if (meant !== undefined) return meant.flatMap((issue) => problemsOf(issue, path));
  const wanted = errors.flat().map((issue) => issue.message);
  return [{ pointer: jsonPointer(path), detail: wanted.length === 0 ? message : [...new Set(wanted)].join(', or: ') }];
};

const problemsOf = (issue: z.core.$ZodIssue, above: Path = []): FieldProblem[] => {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ pointer: jsonPointer([...path, key]), detail: 'Unknown field' }));
  if (issue.code === 'invalid_union') return problemsOfUnion(issue, path, issue.message);
  return [{ pointer: jsonPointer(path), detail: issue.message }];
};

/** What is wrong with a value, one entry a field, the first 20. Of a union, what is wrong with the branch that was meant. */
export const fieldProblems = (error: z.ZodError): FieldProblem[] =>
  error.issues.flatMap((issue) => problemsOf(issue)).slice(0, maxFieldProblems);

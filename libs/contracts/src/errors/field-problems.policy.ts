import type { z } from 'zod';

import type { FieldProblem } from './http-error.js';

/** What a client can send wrong has no bound; what it is told has. */
const maxProblems = 20;
const maxSegmentLength = 100;

const escape = (segment: PropertyKey): string =>
  String(segment).slice(0, maxSegmentLength).toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1');

const pointer = (path: readonly PropertyKey[]): string => path.map((segment) => `/${escape(segment)}`).join('');

const problemsOf = (issue: z.core.$ZodIssue): FieldProblem[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ pointer: pointer([...issue.path, key]), detail: 'Unknown field' }))
    : [{ pointer: pointer(issue.path), detail: issue.message }];

/** What is wrong with a value, one entry a field, the first 20; pointers are RFC 6901, very long names cut off. */
export const fieldProblems = (error: z.ZodError): FieldProblem[] =>
  error.issues.flatMap(problemsOf).slice(0, maxProblems);

// An answer against what the document declares for it.
import type { OutgoingResponse } from '@pulser/outgoing/client';

import { pointerOf, type SchemaChecks } from '../schemas/schema-checks.js';
import type { ApiDocument, Part } from './api-document.js';
import { type ApiOperation, isJsonType } from './api-operation.js';
import { anotherResource } from './known-values.js';
import type { TestCase } from './test-case.js';

export const findingKinds = [
  'server_error',
  'undeclared_status',
  'wrong_content_type',
  'not_json',
  'schema_mismatch',
  'missing_header',
  'wrong_header',
  'body_not_declared',
  'accepts_illegal',
  'another_resource',
] as const;
export type FindingKind = (typeof findingKinds)[number];

export interface Fault {
  readonly kind: FindingKind;
  /** The same for the same fault in other answers. */
  readonly place: string;
  readonly message: string;
}

/** An answer, read. */
export interface ReadAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: number;
  /** Undefined: it is not JSON, or empty. */
  readonly json?: { readonly value: unknown };
}

export const readAnswer = (answer: OutgoingResponse): ReadAnswer => {
  const { status, headers, body } = answer;
  const read = { status, headers, bytes: body.byteLength };
  try {
    return { ...read, json: { value: answer.json() } };
  } catch {
    return read;
  }
};

const declared = ({ responses }: ApiOperation, status: number): Part | undefined =>
  responses.get(String(status)) ??
  responses.get(`${Math.trunc(status / 100)}XX`) ??
  responses.get(`${Math.trunc(status / 100)}xx`) ??
  responses.get('default');

// Ranges with an asterisk take what begins with them.
const takes = (range: string, type: string): boolean => {
  const wanted = range.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (wanted === '*/*') return true;
  return wanted.endsWith('/*') ? type.startsWith(wanted.slice(0, -1)) : wanted === type;
};

const mediaOf = (all: readonly [string, Part][], type: string): [string, Part] | undefined =>
  all.find(([range]) => range.toLowerCase() === type) ?? all.find(([range]) => takes(range, type));

/** Holds answers against one document. */
export class AnswerChecks {
  /** What could not be checked, and why. */
  readonly notChecked = new Set<string>();

  constructor(
    private readonly document: ApiDocument,
    private readonly checks: SchemaChecks,
  ) {}

  /** All that is wrong with an answer. */
  faults(test: TestCase, answer: ReadAnswer): Fault[] {
    const { operation, legal } = test;
    if (answer.status >= 500) return [serverError(test, answer)];
    const accepted = !legal && answer.status < 400 ? [acceptsIllegal(test, answer)] : [];
    const response = declared(operation, answer.status);
    if (response === undefined) return [...accepted, undeclared(operation, answer)];
    return [
      ...accepted,
      ...this.headerFaults(response, answer),
      ...this.bodyFaults(test, response, answer),
      ...otherResource(test, answer),
    ];
  }

  private bodyFaults({ operation }: TestCase, response: Part, answer: ReadAnswer): Fault[] {
    if (operation.method === 'HEAD') return [];
    const all = this.document.children(response, 'content');
    const type = (answer.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
    // Of refusals many documents declare the status only.
    if (all.length === 0) return answer.bytes === 0 || answer.status >= 300 ? [] : notDeclared(answer, type);
    const media = mediaOf(all, type);
    if (media === undefined)
      return [
        wrongType(
          all.map(([range]) => range),
          answer,
          type,
        ),
      ];
    return isJsonType(media[0]) || isJsonType(type) ? this.jsonFaults(media[1], answer) : [];
  }

  private jsonFaults(media: Part, answer: ReadAnswer): Fault[] {
    if (media.node['schema'] === undefined) return [];
    if (answer.json === undefined)
      return [
        { kind: 'not_json', place: String(answer.status), message: `The body of ${answer.bytes} bytes is not JSON` },
      ];
    return this.schemaFaults(media.pointer + pointerOf('schema'), answer.json.value).map(
      ({ at, message, keyword }) => ({
        kind: 'schema_mismatch',
        // Items of a list are one place.
        place: `${answer.status} ${at.replaceAll(/\/\d+(?=\/|$)/g, '/*')} ${keyword} ${keyword === 'required' || keyword === 'additionalProperties' ? message : ''}`,
        message: `${at === '' ? 'The body' : at} ${message}`,
      }),
    );
  }

  private schemaFaults(pointer: string, value: unknown): ReturnType<SchemaChecks['problems']> {
    try {
      return this.checks.problems(pointer, value);
    } catch (error) {
      this.notChecked.add(`${pointer}: ${error instanceof Error ? error.message : String(error)}`.slice(0, 300));
      return [];
    }
  }

  private headerFaults(response: Part, { status, headers }: ReadAnswer): Fault[] {
    return this.document.children(response, 'headers').flatMap(([name, part]): Fault[] => {
      // Content-Type is declared by the content.
      if (name.toLowerCase() === 'content-type') return [];
      const value = headers[name.toLowerCase()];
      if (value === undefined)
        return part.node['required'] === true
          ? [{ kind: 'missing_header', place: `${status} ${name}`, message: `The required header ${name} is missing` }]
          : [];
      return this.headerValueFaults(name, part, value).map((message) => ({
        kind: 'wrong_header',
        place: `${status} ${name}`,
        message,
      }));
    });
  }

  private headerValueFaults(name: string, part: Part, value: string): string[] {
    if (part.node['schema'] === undefined) return [];
    const pointer = part.pointer + pointerOf('schema');
    // A header has no type: it is what any reading of it would be.
    const readings: unknown[] = [
      value,
      ...numberIn(value),
      ...(value === 'true' || value === 'false' ? [value === 'true'] : []),
      value.split(/ *, */),
    ];
    const problems = readings.map((one) => this.schemaFaults(pointer, one));
    const [first = []] = problems;
    return problems.some((found) => found.length === 0)
      ? []
      : first.slice(0, 1).map(({ message }) => `The header ${name} ${message}`);
  }
}

const numberIn = (text: string): number[] => (/^-?\d+(?:\.\d+)?$/.test(text) ? [Number(text)] : []);

const serverError = ({ legal, label }: TestCase, { status }: ReadAnswer): Fault => ({
  kind: 'server_error',
  place: String(status),
  message: `Answers ${status} to a request that is ${legal ? 'legal' : 'wrong in one way'} (${label})`,
});

const acceptsIllegal = ({ label }: TestCase, { status }: ReadAnswer): Fault => ({
  kind: 'accepts_illegal',
  place: label,
  message: `Answers ${status} to a request that the document does not allow (${label})`,
});

const undeclared = ({ responses }: ApiOperation, { status }: ReadAnswer): Fault => ({
  kind: 'undeclared_status',
  place: String(status),
  message: `Answers ${status}; declared are ${[...responses.keys()].join(', ') || 'none'}`,
});

const notDeclared = ({ status, bytes }: ReadAnswer, type: string): Fault[] => [
  {
    kind: 'body_not_declared',
    place: String(status),
    message: `Answers ${status} with a body of ${bytes} bytes (${type || 'no Content-Type'}); none is declared`,
  },
];

const wrongType = (ranges: readonly string[], { status, bytes }: ReadAnswer, type: string): Fault => ({
  kind: 'wrong_content_type',
  place: `${status} ${type}`,
  message: `Answers ${status} as ${type || 'nothing'} (${bytes} bytes); declared is ${ranges.join(' or ')}`,
});

const otherResource = ({ operation, values, legal }: TestCase, { status, json }: ReadAnswer): Fault[] => {
  if (!legal || status < 200 || status >= 300 || json === undefined) return [];
  const inPath = [...values].flatMap(([{ in: place, name }, value]) =>
    place === 'path' ? [[name, value] as const] : [],
  );
  const other = anotherResource(operation, new Map(inPath), json.value);
  if (other === undefined) return [];
  const { member, found, asked } = other;
  const message = `Asked for ${JSON.stringify(asked)}, answers with ${JSON.stringify(found)} as its ${member}`;
  return [{ kind: 'another_resource', place: member, message }];
};

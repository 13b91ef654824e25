import type { StagedSource } from '../sources/sources.js';
import { type Failure, tooMuchMemory } from './job/job.js';

// Errors of DuckDB as faults of the payload.

/** Ends a job because of a fault in its payload. */
export class Refusal extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, cause?: unknown) {
    super(failure.message, { cause });
    this.name = 'Refusal';
    this.failure = failure;
  }
}

interface DuckDBError {
  readonly message: string;
  readonly outOfMemory: boolean;
  /** Bytes from the start of the SQL. */
  readonly position?: number;
}

// DuckDB writes errors as JSON here (errors_as_json), sometimes after a few words of its own.
const jsonPart = (message: string): string | undefined => /\{"exception_type".*\}/s.exec(message)?.[0];

// Not `instanceof Error`: an error made by native code may belong to another realm, as under Jest.
const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);

const read = (error: unknown): DuckDBError => {
  const raw = messageOf(error);
  const json = jsonPart(raw);
  if (json === undefined) return { message: raw, outOfMemory: raw.includes('std::bad_alloc') };
  const { exception_type: type, exception_message: message, position } = JSON.parse(json) as Record<string, string>;
  return {
    message: `${type} Error: ${message}`.replaceAll('\u0000', '\ufffd'),
    outOfMemory: type === 'Out of Memory',
    ...(position === undefined ? {} : { position: Number(position) }),
  };
};

/** Characters of a message at most: a cast error carries the whole cell. The worker's own bound is about the same. */
const maxMessage = 3_900;

// Loaded by a process that finds no package of this workspace, so the text is cut here, by whole characters.
const bounded = (message: string): string => {
  if (message.length <= maxMessage) return message;
  const start = Array.from(message.slice(0, maxMessage)).slice(0, -1).join('');
  return `${start}... (${(message.length - start.length).toLocaleString('en')} more characters)`;
};

// DuckDB's advice, a sentence or a line: nobody can set its options or load an extension here.
const advice =
  /^(?:\* ?)?["'(]?(?:Use|If|Try|Please|Or|Alternatively|Consider|To \w+|You can|Set|Enabl\w+|Disabl\w+|Specify|Increas\w+|Reduc\w+|Possible|INSTALL|LOAD|SET)\b/;
const ofOptions =
  /\bSET\b|\bset\b|=|option|extension|INSTALL|LOAD|ignor|sampl|reinstall|'[a-z]+_[a-z_]+'|Possible (?:fixes|solutions?)/;

const isAdvice = (sentence: string): boolean => advice.test(sentence) && ofOptions.test(sentence);

/** Advice at the end of a sentence. */
const adviceClause = /[,;] (?:please )?(?:try|set|use|consider) (?:setting )?\w+ ?= ?[\w-]+/gi;

/** The message without DuckDB's advice on options. Of a message that is nothing else, all is kept. */
export const withoutAdvice = (message: string): string => {
  const sentencesOf = (line: string): string[] => line.split(/(?<=[.!?]) +/);
  const lines = message.split('\n').map((line) =>
    sentencesOf(line)
      .filter((sentence) => !isAdvice(sentence.trim()))
      .map((sentence) => sentence.replaceAll(adviceClause, ''))
      .join(' '),
  );
  const kept = lines.join('\n').replaceAll(/\n{3,}/g, '\n\n');
  return kept.trim() || message;
};

const excerptLength = 120;

const place = (sql: string, bytes: number): Record<string, unknown> => {
  const before = Buffer.from(sql).subarray(0, bytes).toString();
  const line = before.split('\n').length;
  const column = before.length - before.lastIndexOf('\n') - 1;
  const text = sql.split('\n')[line - 1] ?? '';
  // By whole characters: half of a surrogate pair can be stored nowhere.
  const start = Math.max(0, Array.from(text.slice(0, column)).length - excerptLength / 2);
  const excerpt = Array.from(text)
    .slice(start, start + excerptLength)
    .join('')
    .trim();
  return { position: before.length, line, excerpt };
};

const resourceLimit = (what: string): Failure => ({
  code: 'resource_limit',
  message: tooMuchMemory(what),
  details: {},
});

// What DuckDB throws for a text of comments and semicolons only.
const nothing = 'Error in native callback';

/** DuckDB's error on a statement, with the place in characters from 0 and the line from 1 where DuckDB names it. */
export const queryFailure = (error: unknown, sql: string): Failure => {
  const { message, outOfMemory, position } = read(error);
  if (outOfMemory) return resourceLimit('The query');
  return {
    code: 'query_failed',
    message: message === nothing ? 'The SQL holds no statement' : bounded(withoutAdvice(message)),
    details: position === undefined ? {} : place(sql, position),
  };
};

/** DuckDB's error on a source, without its advice about options that the payload does not have. */
export const sourceFailure = (error: unknown, { name, path }: StagedSource): Failure => {
  const { message, outOfMemory } = read(error);
  if (outOfMemory) return resourceLimit(`The source ${name}`);
  const plain = message.replace(/\n?(Possible fixes:| Try (setting|auto-detecting)).*$/s, '').replaceAll(path, name);
  const reason = bounded(withoutAdvice(plain.trim()));
  return {
    code: 'source_unreadable',
    message: `The source ${name} cannot be read: ${reason}`,
    details: { source: name, reason },
  };
};

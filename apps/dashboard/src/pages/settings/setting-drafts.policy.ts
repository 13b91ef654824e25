// Settings as they are typed, and as the API takes them. What is allowed is decided there: its problems go to their fields.
import type { AllowedHost, CallerRole } from '@pulser/contracts';

import type { FieldError } from '../../api/problem.js';

export type Schemes = 'both' | 'https' | 'http';

/** A host as its row in the form has it. */
export interface HostDraft {
  readonly host: string;
  /** Numbers between commas or spaces; '' for the usual ones. */
  readonly ports: string;
  readonly schemes: Schemes;
  readonly loadTest: boolean;
}

export const newHost: HostDraft = { host: '', ports: '', schemes: 'https', loadTest: false };

const schemesOf = (schemes: AllowedHost['schemes']): Schemes => {
  const [only, another] = schemes ?? [];
  return only === undefined || another !== undefined ? 'both' : only;
};

export const draftOfHost = ({ host, ports, schemes, load_test = false }: AllowedHost): HostDraft => ({
  host,
  ports: ports?.join(', ') ?? '',
  schemes: schemesOf(schemes),
  loadTest: load_test,
});

/** A port that is no number goes to the API as it was typed, which says what is wrong. */
const portsOf = (text: string): unknown[] =>
  text
    .split(/[\s,]+/)
    .filter((port) => port !== '')
    .map((port) => (/^\d{1,9}$/.test(port) ? Number(port) : port));

/** The host as the API takes it; what is usual is left out. */
export const hostOfDraft = ({ host, ports, schemes, loadTest }: HostDraft): Readonly<Record<string, unknown>> => {
  const numbers = portsOf(ports);
  return {
    host: host.trim(),
    ...(numbers.length > 0 && { ports: numbers }),
    ...(schemes !== 'both' && { schemes: [schemes] }),
    ...(loadTest && { load_test: true }),
  };
};

const isHost = (value: unknown): value is AllowedHost =>
  typeof value === 'object' && value !== null && 'host' in value && typeof value.host === 'string';

/** The rows of a value; undefined for one that this page does not know. */
export const hostDraftsOf = (value: unknown): readonly HostDraft[] | undefined =>
  Array.isArray(value) && value.every(isHost) ? value.map(draftOfHost) : undefined;

/** Keys of labels of a value; undefined for one that this page does not know. */
export const labelsOf = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) && value.every((key) => typeof key === 'string') ? value : undefined;

export const callerRoles = ['operator', 'approver', 'admin'] as const satisfies readonly CallerRole[];

/** Patterns of tools by role, each between commas or spaces; '' names none. */
export type ToolsDraft = Readonly<Record<CallerRole, string>>;

const noTools: ToolsDraft = { operator: '', approver: '', admin: '' };

const isPatterns = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((pattern) => typeof pattern === 'string');

/** The tools of a value; undefined for one that this page does not know. */
export const toolsDraftOf = (value: unknown): ToolsDraft | undefined => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const named = Object.entries(value).map(([role, patterns]: [string, unknown]) =>
    Object.hasOwn(noTools, role) && isPatterns(patterns) ? ([role, patterns.join(', ')] as const) : undefined,
  );
  return named.every((entry) => entry !== undefined) ? { ...noTools, ...Object.fromEntries(named) } : undefined;
};

/** The tools as the API takes them: a role without any is left out. */
export const toolsOfDraft = (draft: ToolsDraft): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    callerRoles
      .map((role) => [role, draft[role].split(/[\s,]+/).filter((pattern) => pattern !== '')] as const)
      .filter(([, patterns]) => patterns.length > 0),
  );

/** What is wrong at a place of the value or below it, as one text: `problemAt(errors, 0, 'host')`. */
export const problemAt = (
  errors: readonly FieldError[],
  ...place: readonly (string | number)[]
): string | undefined => {
  const pointer = `/value/${place.join('/')}`;
  const found = errors.filter((error) => error.pointer === pointer || error.pointer.startsWith(`${pointer}/`));
  return found.length === 0 ? undefined : found.map(({ detail }) => detail).join('; ');
};

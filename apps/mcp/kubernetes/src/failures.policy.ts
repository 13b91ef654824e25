// Answers of the API server that are no success, and requests without an answer, as errors of a tool.
import { ToolError, type ToolErrorCode } from '@pulser/mcp-server-kit';
import { z } from 'zod';

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
const Status = z.object({
  message: z.string().optional(),
  reason: z.string().optional(),
  details: z
    .object({
      name: z.string().optional(),
      kind: z.string().optional(),
      retryAfterSeconds: z.number().optional(),
      causes: z
        .array(
          z.object({ reason: z.string().optional(), message: z.string().optional(), field: z.string().optional() }),
        )
        .optional(),
    })
    .nullish(),
});
type Status = z.infer<typeof Status>;

const codes: Readonly<Record<number, ToolErrorCode>> = {
  400: 'invalid_args',
  // The credential is wrong: who set the variables has to change them.
  401: 'refused',
  403: 'refused',
  404: 'not_found',
  409: 'conflict',
  // A page's token, or a version that is too old.
  410: 'invalid_args',
  413: 'invalid_args',
  422: 'invalid_args',
  429: 'rate_limited',
  504: 'timeout',
};

const titles: Readonly<Record<number, string>> = {
  401: 'The cluster does not accept the credential',
  410: 'The list has changed too much since its last page: start again without continue',
};

const maxMessage = 2_000;

/** The object `Status` of an answer; empty when it is another text, such as a page of a proxy. */
export const statusOf = (body: string): Status => {
  try {
    return Status.catch({}).parse(JSON.parse(body));
  } catch {
    return {};
  }
};

// Other field managers by the fields that they own, as the API server names them.
const conflictsOf = ({ details }: Status): string => {
  const owned = (details?.causes ?? []).filter(({ reason }) => reason === 'FieldManagerConflict');
  return owned.map(({ field = '?', message = '' }) => `; ${field}: ${message}`).join('');
};

const retryAfterOf = ({ details }: Status, header: string | null): number | undefined => {
  const seconds = Number(header ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds : details?.retryAfterSeconds;
};

/** The error of an answer. @param retryAfter the header of that name */
export const failureOf = (httpStatus: number, body: string, retryAfter: string | null): ToolError => {
  const status = statusOf(body);
  const title = titles[httpStatus] ?? status.message ?? `The API server answered with status ${httpStatus}`;
  return new ToolError(codes[httpStatus] ?? 'upstream_error', `${title}${conflictsOf(status)}`.slice(0, maxMessage), {
    retryAfterS: retryAfterOf(status, retryAfter),
  });
};

/** Whether the answer says that a namespace is missing, and which. */
export const missingNamespace = (body: string): string | undefined => {
  const { reason, details } = statusOf(body);
  return reason === 'NotFound' && details?.kind === 'namespaces' ? details.name : undefined;
};

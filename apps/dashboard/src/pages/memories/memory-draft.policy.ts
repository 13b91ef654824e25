type Parsed =
  | { readonly ok: true; readonly value: Record<string, unknown> | undefined }
  | { readonly ok: false; readonly value?: undefined; readonly message: string };

/** The metadata that was typed: a JSON object, or nothing. */
export const metadataOf = (text: string): Parsed => {
  if (text.trim() === '') return { ok: true, value: undefined };
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { ok: true, value: { ...value } }
      : { ok: false, message: 'A JSON object, in braces' };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : 'Not JSON' };
  }
};

/** What a memory must be to be forgotten together with others, as it is typed. */
export interface ForgetDraft {
  readonly subject: string;
  readonly type: string;
  readonly agent: string;
  /** A local time as `datetime-local` gives it: what was noted before it. */
  readonly before: string;
}

interface Filter {
  readonly subject?: string;
  readonly type?: string;
  readonly agent?: string;
  readonly older_than?: string;
}

/** The filter of the API; undefined while nothing is said, because then all would be meant. */
export const forgetFilterOf = ({ subject, type, agent, before }: ForgetDraft): Filter | undefined => {
  const at = before === '' ? Number.NaN : Date.parse(before);
  const filter: Filter = {
    ...(subject !== '' && { subject }),
    ...(type !== '' && { type }),
    ...(agent !== '' && { agent }),
    ...(!Number.isNaN(at) && { older_than: new Date(at).toISOString() }),
  };
  return Object.keys(filter).length === 0 ? undefined : filter;
};

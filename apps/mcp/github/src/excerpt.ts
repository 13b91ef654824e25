// The start of a long text. Lists carry excerpts, so that a page of them stays small.

export interface Excerpt {
  readonly text: string;
  readonly truncated: boolean;
}

/** At most so many characters, never half of one. */
export const excerptOf = (text: string | null | undefined, maxCharacters: number): Excerpt => {
  const whole = text ?? '';
  if (whole.length <= maxCharacters) return { text: whole, truncated: false };
  return { text: whole.slice(0, maxCharacters).replace(/[\uD800-\uDBFF]$/, ''), truncated: true };
};

// A commit message by Conventional Commits 1.0.0 (https://www.conventionalcommits.org/en/v1.0.0/). Read line by line: no
// pattern here goes back over what it has seen.

export interface ConventionalCommit {
  /** In small letters: the specification says that their case does not count. */
  readonly type: string;
  readonly scope: string | undefined;
  readonly description: string;
  /** What the footers BREAKING CHANGE say, or the description when only `!` says that it breaks; undefined: it breaks nothing. */
  readonly breaking: string | undefined;
}

const headerPattern = /^([A-Za-z][\w-]{0,29})(?:\(([^()\r\n]{1,100})\))?(!)?:[ \t]+(\S.*)$/;

// The only token of two words.
const breakingPattern = /^(?:BREAKING CHANGE|BREAKING-CHANGE)(?:: | #)(.*)$/;
const otherFooter = /^[A-Za-z][\w-]{0,99}(?:: | #)/;

/** The lines after `BREAKING CHANGE:`, up to the next footer. */
const breakingText = (lines: readonly string[]): string | undefined => {
  const found: string[] = [];
  let open = false;
  for (const line of lines) {
    const [, text] = breakingPattern.exec(line) ?? [];
    if (text !== undefined) {
      open = true;
      found.push(text);
    } else if (open && otherFooter.test(line)) open = false;
    else if (open) found.push(line);
  }
  const text = found.join(' ').replaceAll(/\s+/g, ' ').trim();
  return found.length === 0 ? undefined : text;
};

/** @returns undefined when the message is not conventional */
export const conventional = (message: string): ConventionalCommit | undefined => {
  const [header = '', ...lines] = message.trim().split(/\r?\n/);
  const [, type, scope, mark, description] = headerPattern.exec(header) ?? [];
  if (type === undefined || description === undefined) return undefined;
  const text = breakingText(lines);
  const breaks = mark !== undefined || text !== undefined;
  return {
    type: type.toLowerCase(),
    scope: scope?.trim(),
    description: description.trim(),
    breaking: breaks ? text || description.trim() : undefined,
  };
};

/** What a commit takes back: the hash that it names, and the header. */
export interface Revert {
  readonly hash: string | undefined;
  readonly header: string | undefined;
}

const gitHeader = /^Revert "(.*)"$/;
const gitHash = /^This reverts commit ([0-9a-f]{7,64})\b/m;
// The specification leaves the form open and shows this footer.
const refsFooter = /^Refs: ([0-9a-f]{7,64})\b/m;

/** As git writes reverts, or as a commit of the type `revert`. @returns undefined when it is none */
export const revertOf = (message: string): Revert | undefined => {
  const [header = ''] = message.trim().split(/\r?\n/);
  const [, quoted] = gitHeader.exec(header) ?? [];
  const hash = gitHash.exec(message)?.[1] ?? refsFooter.exec(message)?.[1];
  if (quoted !== undefined) return { hash, header: quoted };
  const read = conventional(message);
  return read?.type === 'revert' ? { hash, header: read.description } : undefined;
};

// A history as text: what `git log` prints, or one message a line.

export interface Commit {
  readonly hash: string | undefined;
  readonly message: string;
  readonly author: string | undefined;
  /** ISO 8601 day. */
  readonly date: string | undefined;
  /** Names of tags on it. */
  readonly tags: readonly string[];
  /** Hashes; undefined: not known. */
  readonly parents: readonly string[] | undefined;
}

export const bareCommit = (message: string, hash?: string): Commit => ({
  hash,
  message,
  author: undefined,
  date: undefined,
  tags: [],
  parents: undefined,
});

const startOfCommit = /^commit ([0-9a-f]{7,64})(?: \(([^)]*)\))?\s*$/;
const oneLine = /^([0-9a-f]{7,64})\s+(?:\(([^)]*)\)\s+)?(.*)$/;

const tagsIn = (decoration: string | undefined): string[] =>
  (decoration ?? '')
    .split(', ')
    .filter((part) => part.startsWith('tag: '))
    .map((part) => part.slice('tag: '.length));

const dayOf = (text: string): string | undefined => {
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().slice(0, 10);
};

/** One entry of `git log`: headers, a blank line, the message moved in by four blanks. */
const entryOf = (hash: string, decoration: string | undefined, lines: readonly string[]): Commit => {
  const header = (name: string): string | undefined =>
    lines
      .find((line) => line.startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  const message = lines.filter((line) => line.startsWith('    ') || line.trim() === '').map((line) => line.slice(4));
  return {
    ...bareCommit(message.join('\n').trim(), hash),
    author: header('Author')?.replace(/ <[^<>]*>$/, ''),
    date: dayOf(header('Date') ?? header('AuthorDate') ?? ''),
    tags: tagsIn(decoration),
  };
};

const logEntries = (lines: readonly string[]): Commit[] => {
  const entries: { hash: string; decoration: string | undefined; lines: string[] }[] = [];
  for (const line of lines) {
    const [, name, decoration] = startOfCommit.exec(line) ?? [];
    if (name !== undefined) entries.push({ hash: name, decoration, lines: [] });
    else entries.at(-1)?.lines.push(line);
  }
  return entries.map((one) => entryOf(one.hash, one.decoration, one.lines));
};

/** Newest first, as git prints it. Takes `git log`, with or without `--decorate`, `git log --oneline`, or a message a line. */
export const commitsOfText = (text: string): Commit[] => {
  const lines = text.split(/\r?\n/);
  const first = lines.find((line) => line.trim() !== '') ?? '';
  if (startOfCommit.test(first)) return logEntries(lines);
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, hash, decoration, subject] = oneLine.exec(line) ?? [];
      return subject === undefined
        ? bareCommit(line.trim())
        : { ...bareCommit(subject, hash), tags: tagsIn(decoration) };
    });
};

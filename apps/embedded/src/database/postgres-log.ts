const kept = 50;

// "2026-11-23 05:46:56.080 UTC [42] FATAL:  text"
const complaint = /\b(?:FATAL|PANIC): +(.+)$/;
const detail = /\bDETAIL: +(.+)$/;

const textOf = (pattern: RegExp, line = ''): string | undefined => pattern.exec(line)?.[1];

/** The last lines of PostgreSQL's log. They are not printed: they explain why PostgreSQL ended, should that happen. */
export class PostgresLog {
  private readonly lines: string[] = [];

  /** Takes one line. By returning false it keeps PGlite from printing it. */
  readonly add = (line: string): boolean => {
    this.lines.push(line);
    if (this.lines.length > kept) this.lines.shift();
    return false;
  };

  /** Why PostgreSQL ended: the first error in its log, because later ones follow from it. */
  get reason(): string | undefined {
    const at = this.lines.findIndex((line) => complaint.test(line));
    const reason = textOf(complaint, this.lines[at]);
    const more = textOf(detail, this.lines[at + 1]);
    return more === undefined ? reason : `${reason} (${more})`;
  }
}

/** Why a file cannot be read. The message is one sentence for the person whose file it is. */
export class Unreadable extends Error {
  /** From 1; undefined where no line is to blame. */
  readonly line: number | undefined;

  constructor(reason: string, line?: number) {
    super(line === undefined ? reason : `Line ${line}: ${reason}`);
    this.name = 'Unreadable';
    this.line = line;
  }
}

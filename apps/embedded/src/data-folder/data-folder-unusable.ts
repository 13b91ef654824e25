/** The folder for data cannot be written to, or another process has it. */
export class DataFolderUnusable extends Error {
  constructor(
    message: string,
    readonly startHint: string,
  ) {
    super(message);
    this.name = 'DataFolderUnusable';
  }
}

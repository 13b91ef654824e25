/** The broker has no queue of this name. */
export class UnknownQueue extends Error {
  constructor(readonly queue: string) {
    super(`there is no queue ${queue}`);
    this.name = 'UnknownQueue';
  }
}

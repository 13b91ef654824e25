/** Holds requests until it is opened, and says when one has come. */
export class Gate {
  private readonly arrival = Promise.withResolvers<undefined>();
  private readonly opening = Promise.withResolvers<undefined>();

  readonly arrived = this.arrival.promise;

  async pass(): Promise<void> {
    this.arrival.resolve(undefined);
    await this.opening.promise;
  }

  open(): void {
    this.opening.resolve(undefined);
  }
}

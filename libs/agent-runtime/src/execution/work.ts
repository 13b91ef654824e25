/** A handler at work. */
export interface Work {
  /** Settles as the handler does; what it resolves with is JSON that the database can hold. */
  readonly result: Promise<unknown>;
  /**
   * To be called once, when the attempt has ended or was aborted: an aborted handler's grace begins.
   * @returns resolves when the handler holds its slot no longer; never rejects
   */
  over(): Promise<void>;
}

/** A promise that was not kept. */
export interface Violation {
  /** `lost`: accepted and not ended, or ended without what it was for; `doubled`: done more than once. */
  readonly kind: 'lost' | 'doubled' | 'wrong';
  readonly what: string;
  readonly taskId?: string | undefined;
  readonly ref?: string | null | undefined;
}

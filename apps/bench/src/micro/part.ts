import type { Work } from './pace.js';

/** A part of Pulser beside something plain that does the least there is to do. */
export interface Part {
  readonly name: string;
  readonly work: Work;
  readonly baseName: string;
  readonly base: Work;
  /** So many times the base it may take at most: beyond that something has become slower. */
  readonly most: number;
}

import type { Fault, Injection } from '../faults/fault.js';

/** A fault that was injected, or could not be. */
export interface Injected {
  readonly fault: Fault;
  readonly injection: Injection;
}

// Why a try of a call gave no answer, and whether it may have cost something.

/** What is known of each failure: whether another try can help, and whether the model may have worked. */
export const modelFailures = {
  /** The address, the certificate or the configuration is wrong: nothing was sent. */
  not_allowed: { again: 'never', mayCost: false, title: 'The model may not be asked there' },
  /** No connection, or the breaker is open: nothing was sent. */
  unreachable: { again: 'later', mayCost: false, title: 'The model cannot be reached' },
  rate_limited: { again: 'later', mayCost: false, title: 'The model takes no more requests now' },
  overloaded: { again: 'later', mayCost: false, title: 'The server of the model has failed' },
  /** The answer broke off, or took too long: what it cost nobody says. */
  broken_off: { again: 'later', mayCost: true, title: 'The answer of the model broke off' },
  unauthorized: { again: 'never', mayCost: false, title: 'The server of the model refuses the key' },
  /** The server refuses the request: another try gets the same answer. */
  refused: { again: 'never', mayCost: false, title: 'The server of the model refuses the request' },
  not_understood: { again: 'never', mayCost: true, title: 'The server does not answer as a model does' },
  aborted: { again: 'never', mayCost: true, title: 'The call was ended' },
} as const satisfies Record<string, { again: 'never' | 'later'; mayCost: boolean; title: string }>;
export type ModelFailureCode = keyof typeof modelFailures;

export interface ModelFailureFacts {
  /** Scheme, host and port. */
  readonly origin?: string;
  readonly status?: number;
  /** A code of the server, if it looks like one. Never its message, which may repeat the request or the key. */
  readonly serverCode?: string;
  /** Milliseconds that the server asks to wait. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** A try of a call that gave no answer. */
export class ModelFailed extends Error {
  override readonly name = 'ModelFailed';

  constructor(
    readonly code: ModelFailureCode,
    readonly facts: ModelFailureFacts = {},
  ) {
    const known = [facts.origin, facts.status && `status ${facts.status}`, facts.serverCode].filter(Boolean);
    const { title } = modelFailures[code];
    super(known.length === 0 ? title : `${title} (${known.join(', ')})`, { cause: facts.cause });
  }

  /** Whether the model may have worked for it. */
  get mayCost(): boolean {
    return modelFailures[this.code].mayCost;
  }

  /** Whether another try may help. */
  get mayPass(): boolean {
    return modelFailures[this.code].again === 'later';
  }
}

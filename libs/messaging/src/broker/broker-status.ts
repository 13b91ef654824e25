import type { BrokerState } from './broker.js';
import type { BrokerMetrics } from './broker-metrics.js';

type Line = (facts: object, text: string) => void;

/** Where a broker logs its own events; pino's loggers fit. */
export interface BrokerLog {
  info: Line;
  warn: Line;
  error: Line;
}

/** The state of a broker and the listeners to its changes. */
export class BrokerStatus {
  private readonly listeners = new Set<(state: BrokerState) => void>();
  private current: BrokerState = 'down';

  constructor(private readonly metrics: Pick<BrokerMetrics, 'stateChanged'>) {
    metrics.stateChanged(this.current);
  }

  get state(): BrokerState {
    return this.current;
  }

  become(state: BrokerState): void {
    if (state === this.current) return;
    this.current = state;
    this.metrics.stateChanged(state);
    for (const listener of [...this.listeners]) listener(state);
  }

  /** @returns a function that removes the listener */
  onChange(listener: (state: BrokerState) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}

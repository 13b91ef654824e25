/** Leases are renewed this many times before they would run out. */
const renewalsPerLease = 3;

/** Milliseconds; while the broker is away nobody else says that a task was cancelled. */
const withoutBrokerMs = 1_000;

/** Milliseconds between two renewals. */
export const renewalPauseMs = (leaseMs: number, brokerDown: boolean): number => {
  const usual = leaseMs / renewalsPerLease;
  return brokerDown ? Math.min(withoutBrokerMs, usual) : usual;
};

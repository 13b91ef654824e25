import type { AuditEntry } from '@pulser/context-bus';
import type { AuditEntryView } from '@pulser/contracts';

export const auditEntryView = (entry: AuditEntry): AuditEntryView => {
  const { kind = 'system', id = null, name = '', origin = null, via = null } = entry.actor;
  return {
    seq: entry.seq,
    at: entry.at.toISOString(),
    actor: { kind, id, name, origin, via },
    action: entry.action,
    targets: [...entry.targets],
    outcome: entry.outcome,
    before_digest: entry.beforeDigest,
    after_digest: entry.afterDigest,
    hash: entry.hash,
  };
};

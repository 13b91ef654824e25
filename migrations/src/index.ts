import { Foundations1763840000001 } from './0001-foundations.js';
import { Tenants1763840000002 } from './0002-tenants.js';
import { Tasks1763840000003 } from './0003-tasks.js';
import { MemoryAndTelemetry1763840000004 } from './0004-memory-and-telemetry.js';
import { AgentsAndDeadLetters1763840000005 } from './0005-agents-and-dead-letters.js';
import { Partitions1763840000006 } from './0006-partitions.js';
import { Pauses1763840000007 } from './0007-pauses.js';
import { Retention1763840000008 } from './0008-retention.js';
import { RateLimits1763840000009 } from './0009-rate-limits.js';
import { Audit1763840000010 } from './0010-audit.js';
import { Words1763840000011 } from './0011-words.js';
import { AgentRegistry1763840000013 } from './0013-agent-registry.js';
import { AuditVerbs1763840000014 } from './0014-audit-verbs.js';

/** Every migration, oldest first. The number at the end of a class name is its version. */
export const migrations = [
  Foundations1763840000001,
  Tenants1763840000002,
  Tasks1763840000003,
  MemoryAndTelemetry1763840000004,
  AgentsAndDeadLetters1763840000005,
  Partitions1763840000006,
  Pauses1763840000007,
  Retention1763840000008,
  RateLimits1763840000009,
  Audit1763840000010,
  Words1763840000011,
  AgentRegistry1763840000013,
  AuditVerbs1763840000014,
];

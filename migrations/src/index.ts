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
import { Datasets1763840000015 } from './0015-datasets.js';
import { Memory1763840000016 } from './0016-memory.js';
import { Settings1763840000017 } from './0017-settings.js';
import { Rollups1763840000018 } from './0018-rollups.js';
import { Telemetry1763840000019 } from './0019-telemetry.js';
import { Sessions1763840000020 } from './0020-sessions.js';
import { Installation1763840000021 } from './0021-installation.js';
import { TaskSearch1763840000022 } from './0022-task-search.js';
import { Spans1763840000023 } from './0023-spans.js';
import { Health1763840000024 } from './0024-health.js';
import { Incidents1763840000025 } from './0025-incidents.js';
import { InstallationSessions1763840000026 } from './0026-installation-sessions.js';
import { DeadLetterLists1763840000027 } from './0027-dead-letter-lists.js';
import { Waits1763840000028 } from './0028-waits.js';
import { Workflows1763840000029 } from './0029-workflows.js';
import { Schedules1763840000030 } from './0030-schedules.js';
import { Spend1763840000031 } from './0031-spend.js';
import { TaskEnds1763840000033 } from './0033-task-ends.js';
import { TaskKeys1763840000034 } from './0034-task-keys.js';
import { SessionEnds1763840000036 } from './0036-session-ends.js';
import { Approvals1763840000037 } from './0037-approvals.js';
import { Hooks1763840000038 } from './0038-hooks.js';
import { Conversations1763840000039 } from './0039-conversations.js';
import { ToolCalls1763840000040 } from './0040-tool-calls.js';
import { McpPins1763840000041 } from './0041-mcp-pins.js';
import { Lists1763840000042 } from './0042-lists.js';
import { FirstDecisions1763840000043 } from './0043-first-decisions.js';
import { SchemaFloor1763840000044 } from './0044-schema-floor.js';
import { LighterWrites1763840000045 } from './0045-lighter-writes.js';
import { ToolLogin1763840000046 } from './0046-tool-login.js';

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
  Datasets1763840000015,
  Memory1763840000016,
  Settings1763840000017,
  Rollups1763840000018,
  Telemetry1763840000019,
  Sessions1763840000020,
  Installation1763840000021,
  TaskSearch1763840000022,
  Spans1763840000023,
  Health1763840000024,
  Incidents1763840000025,
  InstallationSessions1763840000026,
  DeadLetterLists1763840000027,
  Waits1763840000028,
  Workflows1763840000029,
  Schedules1763840000030,
  Spend1763840000031,
  TaskEnds1763840000033,
  TaskKeys1763840000034,
  SessionEnds1763840000036,
  Approvals1763840000037,
  Hooks1763840000038,
  Conversations1763840000039,
  ToolCalls1763840000040,
  McpPins1763840000041,
  Lists1763840000042,
  FirstDecisions1763840000043,
  SchemaFloor1763840000044,
  LighterWrites1763840000045,
  ToolLogin1763840000046,
];

// What a router took from backlogs and sent in the last seconds. Between the failure of an agent and the moment at which this
// router hears of it, rows go the old way: only the router that sent them knows which.
import type { AgentName, SubmittedTask } from '@pulser/contracts';

/** Without its payload: that of a second may be large. */
type TaskKey = Pick<SubmittedTask, 'task_id' | 'tenant_id'>;

/** Milliseconds: a router hears of a change by its message at once, else within two seconds. */
const keptMs = 3_000;

interface Sent {
  readonly at: number;
  readonly to: AgentName;
  readonly tasks: readonly TaskKey[];
}

/** Rows of the backlog of one agent that were sent lately. */
export class LastSent {
  private sent: Sent[] = [];

  /** @param now of a monotonic clock, milliseconds */
  record(to: AgentName, tasks: readonly TaskKey[], now: number): void {
    this.forgetOld(now);
    this.sent.push({ at: now, to, tasks: tasks.map(({ task_id, tenant_id }) => ({ task_id, tenant_id })) });
  }

  /** Tasks that went to others than this agent. They are forgotten. */
  takeBack(agent: AgentName, now: number): TaskKey[] {
    this.forgetOld(now);
    const back = this.sent.filter(({ to }) => to !== agent).flatMap(({ tasks }) => tasks);
    this.sent = this.sent.filter(({ to }) => to === agent);
    return back;
  }

  private forgetOld(now: number): void {
    const from = this.sent.findIndex(({ at }) => now - at <= keptMs);
    this.sent = from === -1 ? [] : this.sent.slice(from);
  }
}

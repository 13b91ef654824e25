// What a comparison finds, each once, with the places in both descriptions.
import { type ChangeRule, type Level, ruleOf } from './change-rules.js';

export interface Change {
  readonly rule: ChangeRule;
  readonly level: Level;
  /** Such as `GET /orders`: the first operation in which it was met; undefined: it holds for the whole description. */
  readonly operation: string | undefined;
  /** JSON Pointer in the earlier description; of what it does not have, the place that would hold it. */
  readonly before: string;
  /** The same in the later one. */
  readonly after: string;
  readonly what: string;
}

/** A difference that no rule judges. */
export interface Unjudged {
  readonly before: string;
  readonly after: string;
  readonly reason: string;
}

export class ChangeReport {
  private readonly found = new Map<string, Change>();
  private readonly open = new Map<string, Unjudged>();
  /** The operation that is compared at the moment. */
  operation: string | undefined;

  get changes(): Change[] {
    return [...this.found.values()];
  }

  get unjudged(): Unjudged[] {
    return [...this.open.values()];
  }

  add(rule: ChangeRule, before: string, after: string, what: string): void {
    const key = `${rule} ${before} ${after} ${what}`;
    if (this.found.has(key)) return;
    this.found.set(key, { rule, level: ruleOf(rule).level, operation: this.operation, before, after, what });
  }

  leaveOpen(before: string, after: string, reason: string): void {
    this.open.set(`${before} ${after} ${reason}`, { before, after, reason });
  }
}

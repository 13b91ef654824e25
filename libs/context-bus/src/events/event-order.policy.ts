import type { TaskEventView } from '@pulser/contracts';

/** An event with its place in the task's history; also the id of the server-sent event. */
export interface NumberedEvent {
  readonly seq: number;
  readonly event: TaskEventView;
}

/** More events than this in one attempt are not kept. */
export const maxEventsPerAttempt = 999_998;

const attemptSpan = 1_000_000;

export const seqOf = (epoch: number, place: number): number => epoch * attemptSpan + place;

/** An attempt's end comes after everything in it. */
export const endSeq = (epoch: number): number => seqOf(epoch, attemptSpan - 1);

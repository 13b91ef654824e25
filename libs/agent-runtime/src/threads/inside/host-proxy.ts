import { type HostCalls, notices } from '../../context/handler-context.js';
import { unpacked } from '../thread-failure.policy.js';
import type { Post, ToThread } from '../thread-protocol.js';

type Settlement = Extract<ToThread, { kind: 'answer' | 'refusal' }>;

const isBytes = (value: unknown): value is Uint8Array<ArrayBuffer> => value instanceof Uint8Array;

// Bytes are copied once, and the copy's memory leaves this thread: the handler may go on with its own.
const ownBytes = (args: readonly unknown[]): unknown[] =>
  args.map((value) => (isBytes(value) ? new Uint8Array(value) : value));

/** The host calls of one attempt inside its thread: functions that post a message, and wait for an answer if there is one. */
export class HostProxy {
  private lastCall = 0;
  private readonly pending = new Map<number, PromiseWithResolvers<unknown>>();

  constructor(
    private readonly run: number,
    private readonly post: Post,
  ) {}

  /** @param methods what the worker offers */
  calls(methods: readonly string[]): HostCalls {
    // The worker names all methods of its HostCalls.
    return Object.fromEntries(methods.map((method) => [method, this.functionOf(method)])) as unknown as HostCalls;
  }

  settle(message: Settlement): void {
    const answer = this.pending.get(message.call);
    this.pending.delete(message.call);
    if (message.kind === 'answer') answer?.resolve(message.value);
    else answer?.reject(unpacked(message.failure));
  }

  private functionOf(method: string): (...args: unknown[]) => unknown {
    return notices.has(method)
      ? (...args) => {
          this.post({ run: this.run, kind: 'notice', method, args });
        }
      : (...args) => this.ask(method, args);
  }

  private async ask(method: string, given: readonly unknown[]): Promise<unknown> {
    const call = (this.lastCall += 1);
    const args = ownBytes(given);
    const answer = Promise.withResolvers<unknown>();
    this.post(
      { run: this.run, kind: 'call', call, method, args },
      args.filter(isBytes).map(({ buffer }) => buffer),
    );
    this.pending.set(call, answer);
    return answer.promise;
  }
}

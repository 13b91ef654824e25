import { unpacked } from '../thread-failure.policy.js';
import type { Call, FromThread, Told, ToThread } from '../thread-message.js';

type Settlement = Extract<ToThread, { kind: 'answer' | 'refusal' }>;

/** What one attempt says to, and asks of, the thread that started it. */
export class PortCalls {
  private calls = 0;
  private readonly pending = new Map<number, PromiseWithResolvers<unknown>>();

  constructor(
    private readonly run: number,
    private readonly post: (message: FromThread, transfer?: readonly ArrayBuffer[]) => void,
  ) {}

  tell(told: Told): void {
    this.post({ run: this.run, ...told });
  }

  /** @param transfer memory that goes over instead of being copied */
  ask(wanted: Call, transfer: readonly ArrayBuffer[] = []): Promise<unknown> {
    const call = (this.calls += 1);
    const answer = Promise.withResolvers<unknown>();
    this.pending.set(call, answer);
    this.post({ run: this.run, kind: 'call', call, wanted }, transfer);
    return answer.promise;
  }

  settle(message: Settlement): void {
    const answer = this.pending.get(message.call);
    this.pending.delete(message.call);
    if (message.kind === 'answer') answer?.resolve(message.value);
    else answer?.reject(unpacked(message.failure));
  }
}

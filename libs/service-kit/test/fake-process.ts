import type { OwnProcess } from '../src/bootstrap/program.js';

/** Node's `process` as a program sees it, without this one being ended. */
export class FakeProcess implements OwnProcess {
  readonly exited: Promise<number>;
  readonly codes: number[] = [];
  errors = '';
  readonly stderr = {
    write: (text: string): void => {
      this.errors += text;
    },
  };
  private readonly listeners = new Map<string, (cause: unknown) => void>();
  private readonly leave: (code: number) => void;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.exited = promise;
    this.leave = resolve;
  }

  on(event: string, listener: (cause: unknown) => void): void {
    this.listeners.set(event, listener);
  }

  emit(event: string, cause?: unknown): void {
    this.listeners.get(event)?.(cause);
  }

  exit(code: number): void {
    this.codes.push(code);
    this.leave(code);
  }
}

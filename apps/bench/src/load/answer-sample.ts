import type { Client } from 'autocannon';

/** Keeps the body of one answer in so many. */
export class AnswerSample {
  readonly kept: string[] = [];
  private seen = 0;

  constructor(private readonly every: number) {}

  readonly attach = (client: Client): void => {
    client.on('body', (bytes) => {
      if (this.seen++ % this.every === 0) this.kept.push(bytes.toString());
    });
  };
}

import { exchange, header } from '@pulser/contracts';
import { eventually, type TestBroker, type TestDatabase } from '@pulser/testing';

import type { Document } from './document.js';
import { type Verdict, verdictOfLetter } from './verdict.js';

const batch = 500;

interface Fate {
  readonly id: string;
  readonly reason: string | null;
}

const fates = `
  select key as id, null as reason from idempotency_key where key like 'amqp-%'
  union all select message_id, reason from dead_letter where message_id like 'amqp-%'`;

/** Sends documents as messages and looks up what became of them. */
export class AmqpDoor {
  constructor(
    private readonly broker: TestBroker,
    private readonly database: TestDatabase,
    private readonly key: string,
  ) {}

  /** The verdicts in the order of the documents, once there are as many. The n-th has the message id `amqp-<n>`. */
  async send(documents: readonly Document[]): Promise<Verdict[]> {
    await this.publish(documents);
    const found = await eventually(
      async () => {
        const rows = await this.database.query<Fate>(fates);
        if (rows.length < documents.length) throw new Error(`${documents.length - rows.length} messages unaccounted`);
        return rows;
      },
      { timeoutMs: 180_000, everyMs: 500 },
    );
    const reasons = Map.groupBy(found, ({ id }) => id);
    return documents.map((_, n) => verdictOf(reasons.get(`amqp-${n}`)));
  }

  private publish(documents: readonly Document[]): Promise<void> {
    const headers = { [header.apiKey]: this.key };
    const to = this.broker.named(exchange.tasks.name);
    return this.broker.use(async (channel) => {
      for (const [n, { body, contentType }] of documents.entries()) {
        channel.publish(to, 'task.submit', body, { headers, contentType, messageId: `amqp-${n}`, persistent: true });
        if (n % batch === batch - 1) await channel.waitForConfirms();
      }
      await channel.waitForConfirms();
    });
  }
}

// A task and a dead letter of one message would be two.
const verdictOf = (fate: readonly Fate[] = []): Verdict => {
  const [only, ...others] = fate;
  if (only === undefined || others.length > 0) return 'nothing';
  return only.reason === null ? 'accepted' : verdictOfLetter(only.reason);
};

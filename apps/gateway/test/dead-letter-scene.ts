import { randomUUID } from 'node:crypto';

import { type RawDeadLetter, RawDeadLetters } from '@pulser/context-bus';

import type { Answer, Client } from './client.js';
import type { GatewayUnderTest } from './gateway-under-test.js';

export interface Letter {
  readonly dead_letter_id: string;
  readonly task_id: string | null;
  readonly [field: string]: unknown;
}

/** A tenant of its own at a gateway, whose tasks fail. */
export class DeadLetterScene {
  private constructor(
    private readonly gateway: GatewayUnderTest,
    readonly client: Client,
    readonly tenantId: string,
  ) {}

  static async at(gateway: GatewayUnderTest, tenant = `tenant-${randomUUID()}`): Promise<DeadLetterScene> {
    const { client, tenantId } = await gateway.client(tenant);
    return new DeadLetterScene(gateway, client, tenantId);
  }

  get = (path = ''): Promise<Answer> => this.client.get(`/api/v1/dead-letters${path}`);

  post = (path: string, body?: object): Promise<Answer> =>
    this.client.call(`/api/v1/dead-letters${path}`, { method: 'POST', ...(body !== undefined && { body }) });

  async list(query = ''): Promise<Letter[]> {
    return (await this.get(`?${query}`)).body['dead_letters'] as Letter[];
  }

  /** @returns the letter of a task that failed for good */
  async failed(message = 'It broke', task: object = {}): Promise<Letter> {
    const taskId = await this.client.submit(task);
    const claim = await this.gateway.worker.claim(this.tenantId, taskId);
    await this.gateway.worker.results.fail(claim, { code: 'query_failed', message, permanent: true });
    return this.newest();
  }

  /** @returns the letter of a message that became no task */
  async refused(body: string | Buffer, more: Partial<RawDeadLetter> = {}): Promise<Letter> {
    await new RawDeadLetters(this.gateway.worker.database).keep({
      tenantId: this.tenantId,
      taskType: undefined,
      reason: 'unparsable',
      error: { code: 'unparsable', message: 'Unexpected token', permanent: true },
      sourceQueue: 'router.tasks',
      routingKey: 'task.submit',
      messageId: undefined,
      headers: { traceparent: '00-ab' },
      body: Buffer.from(body),
      rejectionKey: randomUUID(),
      messageKey: undefined,
      ...more,
    });
    return this.newest();
  }

  private async newest(): Promise<Letter> {
    const [letter] = await this.list('limit=1');
    if (letter === undefined) throw new Error('There is no dead letter');
    return letter;
  }
}

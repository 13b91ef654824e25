// What stands where the MCP coordinator does: it answers the requests of gateways as it is told, and keeps them.
import type { ToolCallCancelled, ToolCallOrder, ToolCallReply, ToolRead, ToolReview } from '@pulser/contracts';
import { exchange, queue } from '@pulser/contracts';
import { type Delivery, RabbitBroker } from '@pulser/messaging';
import type { TestBroker } from '@pulser/testing';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

const tool = {
  ...{ name: 'plain__echo', server: 'plain', title: null, description: 'Answers', flag: 'read' },
  ...{ needs_approval: false, agents: [], not_configured: null, input_schema: { type: 'object' }, output_schema: null },
};
const server = {
  ...{ name: 'plain', state: 'ready', since: '2026-11-29T10:00:00.000Z', tools: 1, last_error: null },
  ...{ is_own: false, transport: 'stdio', protocol: '2025-11-25', software: 'plain 1.0.0' },
  ...{ starts: 1, in_flight: 0, last_error_at: null },
};
const seen = { first_seen_at: '2026-11-29T10:00:00.000Z', last_seen_at: '2026-11-29T10:00:00.000Z' };
const pin = {
  ...{ server: 'plain', tool: 'echo', digest: '0'.repeat(64), status: 'quarantined', definition: { name: 'echo' } },
  ...{ approved_definition: null, warnings: [], ...seen, decided_at: null, decided_by: null },
};

export class Coordinator {
  readonly calls: ToolCallOrder[] = [];
  readonly reviews: ToolReview[] = [];
  readonly reads: ToolRead[] = [];
  /** Ids of calls for which nobody waits any more. */
  readonly cancelled: string[] = [];
  /** How the next calls end; undefined: with a result. Never, when it says so. */
  answer: ((order: ToolCallOrder) => ToolCallReply | 'never') | undefined;

  private constructor(private readonly broker: RabbitBroker) {}

  static async start({ url, namespace }: TestBroker): Promise<Coordinator> {
    const broker = new RabbitBroker({ url, namespace, name: 'coordinator', log: quiet });
    await broker.connect();
    const coordinator = new Coordinator(broker);
    await broker.consume({ queue: queue.toolCalls, bindings: [], prefetch: 100 }, (delivery) => {
      coordinator.handle(delivery);
    });
    const ends = [{ exchange: exchange.events.name, pattern: 'tool.cancelled' }];
    await broker.consume({ queue: { temporaryFor: 'ends' }, bindings: ends, prefetch: 100 }, (delivery) => {
      coordinator.cancelled.push((JSON.parse(delivery.body.toString()) as ToolCallCancelled).call_id);
      delivery.ack();
    });
    return coordinator;
  }

  stop(): Promise<void> {
    return this.broker.close();
  }

  private handle(delivery: Delivery): void {
    const reply = this.replyTo(delivery.routingKey, JSON.parse(delivery.body.toString()));
    if (reply !== undefined) void delivery.reply({ body: Buffer.from(JSON.stringify(reply)) });
    delivery.ack();
  }

  private replyTo(key: string, body: unknown): unknown {
    if (key === 'tool.call') return this.called(body as ToolCallOrder);
    if (key === 'tools.review') {
      this.reviews.push(body as ToolReview);
      return { approved: (body as ToolReview).digest === pin.digest };
    }
    return this.read(body as ToolRead);
  }

  private read(read: ToolRead): unknown {
    this.reads.push(read);
    switch (read.what) {
      case 'servers':
        return { servers: [server] };
      case 'server':
        return { server: read.name === server.name ? { ...server, variables: [], changes: [] } : null };
      case 'pins':
        return { pins: [pin] };
      case 'tools':
        return { tools: read.names === undefined || read.names.includes(tool.name) ? [tool] : [] };
      case 'found':
        return { tools: [tool] };
    }
  }

  private called(order: ToolCallOrder): ToolCallReply | undefined {
    this.calls.push(order);
    const result = { call_id: order.call_id, content: [{ type: 'text', text: 'ok' }], structured: { ok: true } };
    const reply = this.answer?.(order) ?? { ok: true, result };
    return reply === 'never' ? undefined : reply;
  }
}

import { exchange } from '@pulser/contracts';
import { InProcessBroker, Publisher } from '@pulser/messaging';
import { createLogger } from '@pulser/service-kit';
import { eventually } from '@pulser/testing';

import { AgentProfile } from '../src/agent/agent-profile.js';
import { TaskEventPublisher } from '../src/reporting/task-event.publisher.js';
import { threadedSkill } from './threaded.skill.js';

const attempt = (taskId: string) => ({ taskId, tenantId: 'a', taskType: 'analytics' as const, attempt: 1 });

describe('the events of tasks', () => {
  const broker = new InProcessBroker().client();
  const heard: string[] = [];
  let events: TaskEventPublisher;

  beforeAll(async () => {
    await broker.connect();
    const bindings = [{ exchange: exchange.events.name, pattern: 'task.*' }];
    await broker.consume({ queue: { temporaryFor: 'test' }, bindings, prefetch: 100 }, (delivery) => {
      const bodies = JSON.parse(delivery.body.toString()) as { task_id: string }[];
      heard.push(...bodies.map(({ task_id }) => `${delivery.routingKey} ${task_id}`));
      delivery.ack();
    });
    const profile = new AgentProfile({ name: 'dash', skills: [threadedSkill], defaultPort: 8_010 });
    events = new TaskEventPublisher(new Publisher(broker), profile, createLogger({ service: 'dash', level: 'fatal' }));
  });

  afterAll(() => broker.close());

  it('do not tell the start of an attempt that ends at once, but that of one that goes on', async () => {
    events.publish('task.started', attempt('short'), {});
    events.publish('task.started', attempt('long'), {});
    events.publish('task.completed', attempt('short'), {});
    await eventually(() => {
      expect(heard).toContain('task.started long');
    });
    expect(heard).toEqual(['task.completed short', 'task.started long']);
  });
});

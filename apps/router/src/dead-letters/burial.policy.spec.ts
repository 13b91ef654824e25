import { header } from '@pulser/contracts';

import { burialOf } from './burial.policy.js';

describe('the burial of a message', () => {
  it('by a consumer tells why, with the routing key it came with', () => {
    const headers = {
      [header.deadReason]: 'unparsable',
      [header.deadDetail]: 'Unexpected token',
      [header.deadRoutingKey]: 'task.submit',
      [header.deadId]: '1',
    };
    expect(burialOf(headers)).toEqual({
      reason: 'unparsable',
      detail: 'Unexpected token',
      routingKey: 'task.submit',
      mark: '1',
    });
  });

  it('by the broker tells what the broker says', () => {
    const death = { reason: 'delivery_limit', 'routing-keys': ['task.submit'], time: { '!': 'timestamp', value: 7 } };
    expect(burialOf({ 'x-death': [death] })).toEqual({
      reason: 'handler_failed',
      detail: 'The broker gave up: delivery_limit',
      routingKey: 'task.submit',
      mark: '{"!":"timestamp","value":7}',
    });
  });

  it.each([{}, { [header.deadReason]: 'toString' }, { [header.deadReason]: 7 }, { 'x-death': 'x' }, { 'x-death': [] }])(
    'by somebody else is unexplained: %j',
    (headers) => {
      expect(burialOf(headers)).toMatchObject({ reason: 'unexplained', routingKey: undefined });
    },
  );
});

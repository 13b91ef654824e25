import { once } from 'node:events';
import { connect } from 'node:net';

import { eventually } from '@pulser/testing';

import { HookSink, MailSink } from '../src/drill/sinks.js';

describe('the sinks of a drill', () => {
  it('keep mails with their Message-ID, as a mail server takes them', async () => {
    const sink = await MailSink.start();
    const client = connect(Number(new URL(sink.url).port), '127.0.0.1');
    let said = '';
    client.on('data', (bytes) => (said += bytes.toString()));
    await once(client, 'connect');
    const lines = ['EHLO drill', 'MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.com>', 'DATA'];
    const mail = ['Message-ID: <0199-id@pulser>', 'Subject: dash', '', '..starts with a dot', '.'];
    client.write([...lines, ...mail, 'QUIT', ''].join('\r\n'));
    await once(client, 'close');
    expect(sink.arrivals).toEqual([
      { id: '0199-id@pulser', body: 'Message-ID: <0199-id@pulser>\nSubject: dash\n\n.starts with a dot' },
    ]);
    expect(said.split('\r\n').map((line) => line.slice(0, 3))).toEqual([
      '220',
      '250',
      '250',
      '250',
      '354',
      '250',
      '221',
      '',
    ]);
    sink.stop();
  });

  it('keep what is posted, with its webhook-id', async () => {
    const sink = await HookSink.start();
    const answer = await fetch(sink.url, { method: 'POST', body: '{"a":1}', headers: { 'webhook-id': 'one' } });
    expect(answer.status).toBe(204);
    await eventually(() => {
      expect(sink.arrivals).toEqual([{ id: 'one', body: '{"a":1}' }]);
    });
    sink.stop();
  });
});

// A report that is due again and again, as a mail: a schedule, the task, its PDF, and the health service that sends it.
import type { AddressInfo } from 'node:net';

import { eventually } from '@pulser/testing';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

import { Apart } from './apart.js';

/** An SMTP server that keeps what it gets. */
class Mailbox {
  readonly mails: ParsedMail[] = [];
  private readonly server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, _, done) => {
      simpleParser(stream).then(
        (mail) => {
          this.mails.push(mail);
          done();
        },
        (error: unknown) => {
          done(error as Error);
        },
      );
    },
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `smtp://127.0.0.1:${(this.server.server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(resolve);
    });
  }
}

/** Objects of a PDF, found as a reader finds them: by its table, whose place the last lines say. @throws where it is none */
const objectsOf = (pdf: Buffer): string[] => {
  const text = pdf.toString('latin1');
  const start = Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(text)?.[1]);
  const [, count = '0'] = /^xref\s+0 (\d+)/.exec(text.slice(start)) ?? [];
  const table = text
    .slice(start)
    .split('\n')
    .slice(2, 2 + Number(count));
  const used = table.map((line, number) => ({ number, at: Number(line.slice(0, 10)), isUsed: line.includes(' n') }));
  return used
    .filter(({ isUsed }) => isUsed)
    .map(({ number, at }) => {
      const object = text.slice(at, text.indexOf('endobj', at));
      if (!object.startsWith(`${number} 0 obj`)) throw new Error(`There is no object ${number} at ${at}`);
      return object;
    });
};

describe('a scheduled report over the services apart', () => {
  const mailbox = new Mailbox();
  let apart: Apart;

  beforeAll(async () => {
    const variables = {
      SMTP_URL: await mailbox.listen(),
      SMTP_FROM: 'Pulser <pulser@example.com>',
      PUBLIC_URL: 'https://pulser.example',
      HEALTH_LEASE_S: '5',
    };
    apart = await Apart.start(variables, ['gateway', 'router', 'health', 'agents/dash']);
  }, 240_000);

  afterAll(async () => {
    await apart.stop();
    await mailbox.close();
  });

  /** The next mail with this subject. */
  const mail = (subject: string): Promise<ParsedMail> =>
    eventually(
      () => {
        const found = mailbox.mails.find((one) => one.subject?.includes(subject));
        if (found === undefined) throw new Error(`no mail about ${subject}`);
        return found;
      },
      { timeoutMs: 90_000 },
    );

  it('is a mail with its PDF, to a receiver who has confirmed the address', async () => {
    await apart.call('/api/v1/destinations', { name: 'board', kind: 'email', to: 'board@example.com' });
    const schedule = {
      // The first time is its start.
      when: { kind: 'interval', every_s: 86_400 },
      start: new Date(Date.now() + 60_000).toISOString(),
      task: { task_type: 'analytics', payload: { operation: 'telemetry_report' }, notify: ['board'] },
    };
    expect(await apart.call('/api/v1/schedules/daily', schedule, {}, 'PUT')).toMatchObject({
      code: 'unknown_destination',
    });
    const code = /code: ([\w-]+)/.exec((await mail('onfirm')).text ?? '')?.[1] ?? '';
    expect(await apart.call('/api/v1/destinations/confirm', { code: code.replaceAll('-', '') })).toMatchObject({
      name: 'board',
    });
    const soon = { ...schedule, start: new Date(Date.now() + 1_000).toISOString() };
    expect(await apart.call('/api/v1/schedules/daily', soon, {}, 'PUT')).toMatchObject({ name: 'daily' });
    const report = await mail('telemetry_report');
    expect(report).toMatchObject({
      to: { text: 'board@example.com' },
      from: { text: '"Pulser" <pulser@example.com>' },
    });
    const [pdf, ...others] = report.attachments;
    expect([pdf?.filename, pdf?.contentType, others]).toEqual(['report.pdf', 'application/pdf', []]);
    const objects = objectsOf(pdf?.content ?? Buffer.alloc(0));
    expect(objects.filter((object) => /\/Type \/Page\b/.test(object)).length).toBeGreaterThan(0);
    expect(objects.some((object) => object.includes('/Type /Catalog'))).toBe(true);
    const { fires } = await apart.call<{ fires: readonly object[] }>('/api/v1/schedules/daily/fires');
    expect(fires).toEqual([expect.objectContaining({ origin: 'time', state: 'completed' })]);
    expect(mailbox.mails.filter(({ subject }) => subject?.includes('telemetry_report'))).toHaveLength(1);
  }, 240_000);
});

import type { IncidentNotice, Notice } from '@pulser/contracts';

import { escapeHtml, emailContent } from './email.policy.js';
import { messageOf } from './message.policy.js';
import { escapeMrkdwn, slackBody } from './slack.policy.js';

const id = '019a0000-0000-7000-8000-000000000001';
const hostile = `<script>alert(1)</script> <!channel> *bold* & "quoted" 'too' @here \`code\``;

const incident = (change: Partial<IncidentNotice> = {}): Notice => ({
  kind: 'incident',
  content: {
    change: 'opened',
    incident_id: id,
    kind: 'agent_unhealthy',
    subject: 'data_fabcon',
    severity: 'critical',
    state: 'open',
    summary: 'data_fabcon is unhealthy',
    detail: { reasons: ['no worker was heard of for 12 s'] },
    flaps: 0,
    opened_at: '2026-11-29T10:00:00Z',
    at: '2026-11-29T10:00:00Z',
    ...change,
  },
});

const publicUrl = 'https://pulser.test';

describe('a message', () => {
  it('names severity and summary of an incident in its subject, and leads to its page', () => {
    expect(messageOf([incident()], { publicUrl })).toMatchObject({
      subject: '[CRITICAL] data_fabcon is unhealthy',
      severity: 'critical',
      links: [{ url: `${publicUrl}/ui/incidents?open=${id}` }],
    });
    expect(messageOf([incident({ change: 'resolved', state: 'resolved' })])).toMatchObject({
      subject: '[resolved] data_fabcon is unhealthy',
      severity: 'info',
      links: [],
    });
  });

  it('is one for many incidents: it names each, and the worst severity', () => {
    const many = Array.from({ length: 60 }, (_, n) => incident({ summary: `agent ${n} is slow`, severity: 'warning' }));
    const message = messageOf([incident(), ...many]);
    expect(message).toMatchObject({ subject: '[CRITICAL] 61 incidents at once', severity: 'critical' });
    expect(message.text).toHaveLength(51);
    expect(message.text.at(-1)).toBe('and 11 more');
  });

  it('has a subject of one line, however the summary reads', () => {
    const { subject } = messageOf([incident({ summary: `a\r\nBcc: everybody@example.com\u2028${'x'.repeat(500)}` })]);
    expect(subject).not.toMatch(/[\r\n\u2028]/);
    expect(subject.length).toBeLessThanOrEqual(160);
  });

  it('shows the code of a confirmation in groups, and leads to the page that takes it', () => {
    const code = 'ABCDEFGHJKLMNPQRSTUV';
    const message = messageOf([{ kind: 'confirmation', content: { destination: 'ops', by: 'jo', code } }], {
      publicUrl,
    });
    expect(message.facts).toEqual([['code', 'ABCDE-FGHJK-LMNPQ-RSTUV']]);
    expect(message.links[0]?.url).toBe(`${publicUrl}/ui/confirm?code=${code}`);
  });

  it.each<[string, Notice]>([
    [
      'a task',
      {
        kind: 'task_end',
        content: {
          task_id: id,
          task_type: 'analytics',
          status: 'failed',
          error: hostile,
          at: 'now',
          artifacts: [{ task_id: id, name: 'a b.csv' }],
        },
      },
    ],
    [
      'an approval',
      {
        kind: 'approval',
        content: {
          ...{ approval_id: id, task_id: id, title: hostile, text: hostile, needed: 2 },
          ...{ expires_at: '2027-01-01T00:00:00Z', link: 'ab'.repeat(32) },
        },
      },
    ],
    [
      'a report',
      {
        kind: 'report',
        content: { title: 'Weekly', text: `${hostile}\n\n${hostile}`, artifacts: [{ task_id: id, name: 'chart.png' }] },
      },
    ],
    ['a test', { kind: 'test', content: { destination: 'ops', by: hostile } }],
    [
      'an incident',
      incident({ summary: hostile, subject: hostile, detail: { reason: hostile, deep: { a: [hostile] } } }),
    ],
  ])('is no markup in any sink: %s', (_, notice) => {
    const message = messageOf([notice], { publicUrl });
    const { html, text } = emailContent(message);
    expect(html).not.toContain('<script');
    expect(html).not.toContain(`'too'`);
    const tags = html.replace(
      /<\/?(!doctype html|html lang="en"|html|head|meta charset="utf-8"|body|h1|p|table|tr|th|td|a|br)( [a-z]+="[^"<>]*")*>/g,
      '',
    );
    expect(tags).not.toMatch(/[<>]/);
    expect(text).not.toContain('&lt;');
    // All but the header, which is plain text.
    const { blocks } = slackBody(message) as { blocks: { type: string }[] };
    const slack = JSON.stringify(blocks.filter(({ type }) => type !== 'header'));
    expect(slack).not.toContain('<!channel>');
    expect(slack).not.toContain('<script>');
    expect(slack).not.toContain(' *bold*');
  });
});

describe('the message of an approval', () => {
  it('opens it by a signed link', () => {
    const content = { approval_id: id, task_id: id, title: 'Drop it', text: '{}', needed: 2 };
    const link = 'ab'.repeat(32);
    const notice: Notice = { kind: 'approval', content: { ...content, expires_at: '2027-01-01T00:00:00Z', link } };
    const { subject, links, facts } = messageOf([notice], { publicUrl });
    expect(subject).toBe('Approval wanted: Drop it');
    expect(facts[0]).toEqual(['task', id]);
    expect(links).toEqual([
      { text: 'Look at it and decide', url: `${publicUrl}/ui/approvals?open=${id}&link=${link}` },
    ]);
  });

  it('names no task where none asks', () => {
    const call = { approval_id: id, task_id: null, title: 'ci wants to call github__pr_merge', text: '{}', needed: 1 };
    const content = { ...call, expires_at: '2027-01-01T00:00:00Z', link: 'ab'.repeat(32) };
    const { facts, links } = messageOf([{ kind: 'approval', content }], { publicUrl });
    expect(facts.map(([label]) => label)).toEqual(['persons that must approve', 'counts as denied']);
    expect(links).toHaveLength(1);
  });
});

describe('Slack blocks', () => {
  it('keep the limits of Slack, whatever the message holds', () => {
    const long = Array.from({ length: 200 }, () => '<&>'.repeat(900));
    const body = slackBody({
      subject: 'x'.repeat(400),
      severity: 'warning',
      text: long,
      facts: Array.from({ length: 30 }, (_, n) => [`label ${n}`, '&'.repeat(3_000)] as const),
      links: [{ text: 'a|b>', url: 'https://x.test/?a=<b>|c' }],
    }) as {
      text: string;
      blocks: { type: string; text?: { text: string }; fields?: { text: string }[]; elements?: { text: string }[] }[];
    };
    expect(body.blocks.length).toBeLessThanOrEqual(50);
    for (const block of body.blocks) {
      if (block.text !== undefined) {
        expect(block.text.text.length).toBeLessThanOrEqual(block.type === 'header' ? 150 : 3_000);
        expect(block.text.text.length).toBeGreaterThan(0);
        expect(block.text.text).not.toMatch(/&[a-z]*…$/);
      }
      expect((block.fields ?? []).length).toBeLessThanOrEqual(10);
      for (const { text } of block.fields ?? []) expect(text.length).toBeLessThanOrEqual(2_000);
    }
    expect(body.blocks.at(-1)?.elements?.[0]?.text).toContain('<https://x.test/?a=%3Cb%3E%7Cc|a¦b&gt;>');
  });

  it('escape what Slack would read as markup, and leave names as they are', () => {
    expect(escapeMrkdwn('<!channel> & <@U1>')).not.toMatch(/<|>|&(?!(amp|lt|gt);)/);
    expect(escapeMrkdwn('data_fabcon')).toBe('data_fabcon');
    expect(escapeMrkdwn('*bold* _it_ ~s~ `c`')).not.toMatch(/(^| )[*_~`](?!\u200b)/);
  });
});

describe('HTML', () => {
  it('holds texts as texts', () => {
    expect(escapeHtml(`<a href="x" title='y'>&`)).toBe('&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;');
  });
});

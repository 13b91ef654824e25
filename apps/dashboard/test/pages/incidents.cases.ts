import type { IncidentPage, IncidentStory } from '@pulser/contracts';

import { describePage, openDashboard, type OpenPage, sharedPulser } from '../dashboard-harness.js';

const slow = 300_000;

const id = '019a0000-0000-7000-8000-000000000001';

const story: IncidentStory = {
  incident_id: id,
  key: 'agent:dash',
  kind: 'agent_unhealthy',
  subject: 'dash',
  severity: 'critical',
  state: 'open',
  summary: 'dash is unhealthy: no worker was heard of for 12 s',
  detail: { reasons: ['no worker was heard of for 12 s'], '<b>stand in</b>': 'data_fabcon' },
  flaps: 1,
  opened_at: '2026-11-29T10:00:00.000Z',
  updated_at: '2026-11-29T10:00:00.000Z',
  resolved_at: null,
  acknowledged_at: null,
  acknowledged_by: null,
  silenced_until: null,
  silenced_by: null,
  silence_reason: null,
  timeline: [
    {
      event_id: id,
      at: '2026-11-29T10:00:00.000Z',
      change: 'opened',
      severity: 'critical',
      summary: 'dash is unhealthy',
      actor: null,
      note: null,
    },
  ],
};

const asOperator = async (path: string): Promise<OpenPage> => {
  const pulser = await sharedPulser();
  const key = await pulser.installationKey();
  const open = await openDashboard({ path: '/login', as: 'nobody' });
  await open.page.evaluate(async (secret) => {
    const headers = { 'content-type': 'application/json' };
    await fetch('/api/v1/sessions', { method: 'POST', headers, body: JSON.stringify({ key: secret }) });
  }, key);
  await open.goTo(path);
  return open;
};

describePage('incidents', () => {
  it(
    'are for operators of the installation: a tenant is told so',
    async () => {
      const open = await openDashboard({ path: '/incidents' });
      await open.page.getByText('This page is about the whole installation').waitFor();
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'are none where nothing is wrong, and the log is the destination that is there from the start',
    async () => {
      const open = await asOperator('/incidents?state=resolved');
      const { page } = open;
      await page.getByRole('radio', { name: 'Open' }).click();
      await page
        .getByText(/Nothing is wrong|What is wrong/)
        .first()
        .waitFor();
      expect(await open.axe()).toEqual([]);
      await open.goTo('/destinations');
      await page.getByRole('row').filter({ hasText: 'the log of the health service' }).click();
      await page.getByRole('dialog', { name: 'log' }).getByText('all', { exact: true }).waitFor();
      open.expectClean();
      await open.close();
    },
    slow,
  );

  // What makes an incident is proven where it is made; here the answers of the API are made up.
  it(
    'have a timeline, and are acknowledged and silenced',
    async () => {
      const open = await asOperator('/');
      const { page } = open;
      const asked: string[] = [];
      const answer: IncidentPage = { incidents: [story], next_cursor: null };
      await page.route(/\/api\/v1\/incidents/, async (route) => {
        const request = route.request();
        const path = new URL(request.url()).pathname;
        if (request.method() === 'POST') asked.push(`${path.replace(id, 'ID')} ${request.postData() ?? ''}`);
        await route.fulfill({ json: path.endsWith('/incidents') ? answer : story });
      });
      await open.goTo('/incidents');
      await page.getByRole('row').filter({ hasText: 'no worker was heard of' }).click();
      const dialog = page.getByRole('dialog', { name: story.summary });
      await dialog.getByText('Opened').waitFor();
      expect(await open.axe()).toEqual([]);
      await open.picture('incident');
      await dialog.getByRole('button', { name: 'Acknowledge' }).click();
      const acknowledge = page.getByRole('dialog', { name: 'Acknowledge the incident' });
      await acknowledge.getByLabel('Note').fill('on it');
      await acknowledge.getByRole('button', { name: 'Acknowledge it' }).click();
      await page.getByText('Acknowledged: it is not escalated any more').waitFor();
      await dialog.getByRole('button', { name: 'Silence' }).click();
      const silence = page.getByRole('dialog', { name: 'Silence the incident' });
      expect(await silence.getByRole('button', { name: 'Silence it' }).isDisabled()).toBe(true);
      await silence.getByLabel('Reason').fill('known');
      expect(await open.axe()).toEqual([]);
      await silence.getByRole('button', { name: 'Silence it' }).click();
      await page.getByText('Silenced: no message tells of it until then').waitFor();
      expect(asked).toEqual([
        '/api/v1/incidents/ID/acknowledge {"note":"on it"}',
        expect.stringMatching(/^\/api\/v1\/incidents\/ID\/silence \{"until":"[^"]+","reason":"known"\}$/),
      ]);
      open.expectClean();
      await open.close();
    },
    slow,
  );
});

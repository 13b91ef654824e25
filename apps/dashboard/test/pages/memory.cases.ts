import { eventually } from '@pulser/testing';

import { describePage, openDashboard, sharedPulser, sharedScene } from '../dashboard-harness.js';
import type { Pulser } from '../pulser.js';

const slow = 300_000;

interface Memories {
  readonly memories: readonly { readonly memory_id: string; readonly content: string }[];
}

const remember = async (pulser: Pulser, content: string, subject: string): Promise<string> => {
  const body = { type: 'rule', subject, content };
  return (await pulser.call<{ memory_id: string }>('/api/v1/memories', body)).memory_id;
};

describePage('the memory', () => {
  it(
    'keeps what is added, and finds it by its meaning with a score',
    async () => {
      const pulser = await sharedPulser();
      const content = 'Maria approves payments above ten thousand euros.';
      const open = await openDashboard({ path: '/memory' });
      const { page } = open;
      await page.getByRole('heading', { level: 1, name: 'Memory' }).waitFor();
      await page.keyboard.press('c');
      await page.getByRole('textbox', { name: 'What is to be remembered' }).fill(content);
      await page.getByRole('textbox', { name: 'Subject' }).fill('page-payments');
      await page.getByRole('textbox', { name: 'Metadata' }).fill('{ "source": "handbook" }');
      await page.getByRole('button', { name: 'Remember it' }).click();
      await page.getByText('It is remembered').waitFor();
      await eventually(
        async () => {
          const [found] = (
            await pulser.call<{ memories: { embedded: boolean }[] }>('/api/v1/memories?subject=page-payments')
          ).memories;
          expect(found?.embedded).toBe(true);
        },
        { timeoutMs: 180_000 },
      );
      await page.keyboard.press('/');
      await page.keyboard.type('who signs large transfers? subject:page-payments');
      await page.keyboard.press('Enter');
      const row = page.getByRole('row').filter({ hasText: content });
      await row.getByText(/^[01]\.\d\d$/).waitFor();
      const { searchParams } = new URL(page.url());
      expect([...searchParams]).toEqual([
        ['q', 'who signs large transfers?'],
        ['subject', 'page-payments'],
      ]);
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'is forgotten by subject only after it has said how much that is',
    async () => {
      const pulser = await sharedPulser();
      await remember(pulser, 'The first to be forgotten', 'page-forgotten');
      await remember(pulser, 'The second to be forgotten', 'page-forgotten');
      await remember(pulser, 'Not to be forgotten', 'page-kept');
      const open = await openDashboard({ path: '/memory?subject=page-forgotten' });
      const { page } = open;
      await page.getByRole('button', { name: 'Forget', exact: true }).click();
      const dialog = page.getByRole('dialog', { name: 'Forget memories' });
      expect(await dialog.getByRole('textbox', { name: 'Subject' }).inputValue()).toBe('page-forgotten');
      expect(await dialog.getByRole('button', { name: /^Forget \d/ }).count()).toBe(0);
      await dialog.getByRole('button', { name: 'Count them' }).click();
      await dialog.getByRole('button', { name: 'Forget 2 memories' }).click();
      await page.getByText('2 memories forgotten').waitFor();
      expect(await pulser.call<Memories>('/api/v1/memories?subject=page-forgotten')).toMatchObject({ memories: [] });
      expect((await pulser.call<Memories>('/api/v1/memories?subject=page-kept')).memories).toHaveLength(1);
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'forgets the chosen ones',
    async () => {
      const pulser = await sharedPulser();
      await remember(pulser, 'One that stays', 'page-chosen');
      const gone = await remember(pulser, 'One that goes', 'page-chosen');
      const open = await openDashboard({ path: '/memory?subject=page-chosen' });
      const { page } = open;
      await page.getByRole('row').filter({ hasText: 'One that goes' }).getByRole('checkbox').check({ force: true });
      await page.getByRole('button', { name: 'Forget 1', exact: true }).click();
      await page.getByRole('button', { name: 'Forget 1 memory' }).click();
      await page.getByText('1 memory forgotten').waitFor();
      const { memories } = await pulser.call<Memories>('/api/v1/memories?subject=page-chosen');
      expect(memories.map(({ memory_id }) => memory_id)).not.toContain(gone);
      expect(memories).toHaveLength(1);
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'says how much of it each model can find',
    async () => {
      await sharedScene();
      const open = await openDashboard({ path: '/memory' });
      const { page } = open;
      await page.getByRole('button', { name: /found by meaning$/ }).click();
      await page.getByRole('dialog', { name: 'Embedding models' }).getByText('Current', { exact: true }).waitFor();
      expect(await open.axe()).toEqual([]);
      open.expectClean();
      await open.close();
    },
    slow,
  );
});

describePage('a memory', () => {
  it(
    'is shown with where it comes from, as text, and forgotten',
    async () => {
      const pulser = await sharedPulser();
      const mark = '<img src=x onerror="document.title=\'run\'">';
      const id = await remember(pulser, mark, 'page-single');
      const open = await openDashboard({ path: `/memory/${id}` });
      const { page } = open;
      await page.getByText(mark).waitFor();
      await page.getByText('Not noted in a task').waitFor();
      expect(await page.locator('#main img').count()).toBe(0);
      await page.getByRole('button', { name: 'Forget', exact: true }).click();
      await page.getByRole('button', { name: 'Forget 1 memory' }).click();
      await page.getByText('1 memory forgotten').waitFor();
      expect(new URL(page.url()).pathname).toBe('/ui/memory');
      await expect(pulser.call(`/api/v1/memories/${id}`)).rejects.toThrow('not_found');
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'that a viewer sees is nothing that a viewer may forget',
    async () => {
      const { memory } = await sharedScene();
      const open = await openDashboard({ path: `/memory/${memory}`, as: 'viewer' });
      const { page } = open;
      await page.getByText('Reports are read on Mondays').waitFor();
      expect(await page.getByRole('button', { name: 'Forget' }).count()).toBe(0);
      open.expectClean();
      await open.close();
    },
    slow,
  );
});

import type { ApprovalPage } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import { describePage, openDashboard, sharedPulser } from '../dashboard-harness.js';
import { ended } from '../scene.js';

const slow = 300_000;

describePage('approvals', () => {
  it(
    'wait in an inbox with what differs from the last one, and are decided by a key',
    async () => {
      const pulser = await sharedPulser();
      const key = await pulser.keyOfAnother('operator');
      const ask = async (replicas: number): Promise<string> => {
        const payload = {
          operation: 'approve',
          title: `Scale the shop to ${replicas}`,
          arguments: { app: 'shop', replicas },
        };
        const task = { task_type: 'orchestration', payload };
        return (await pulser.call<{ task_id: string }>('/api/v1/tasks', task, 'POST', key)).task_id;
      };
      const waiting = (wanted: number) =>
        eventually(
          async () => {
            const { approvals } = await pulser.call<ApprovalPage>('/api/v1/approvals?status=waiting');
            expect(approvals).toHaveLength(wanted);
          },
          { timeoutMs: 90_000 },
        );
      const first = await ask(2);
      await waiting(1);
      const open = await openDashboard({ path: '/' });
      const { page } = open;
      await page.getByText('1 approval waits for you').waitFor();
      await page.getByRole('link', { name: 'Decide' }).click();
      await page.getByRole('heading', { name: 'Scale the shop to 2' }).waitFor();
      await page.getByText('Nothing like it was approved before.').waitFor();
      await page.getByLabel('Comment').fill('Fine');
      await page.getByRole('button', { name: 'Approve' }).click();
      await page.getByText('Nothing waits for an approval').waitFor();
      expect(await ended(pulser, first)).toBe('completed');

      const [second, third] = [await ask(20), await ask(3)];
      await waiting(2);
      await page.getByRole('heading', { name: 'Scale the shop to 3' }).waitFor();
      const changes = page.getByRole('table', { name: 'What differs from the last approved one' });
      expect(await changes.textContent()).toContain('/replicas23');
      expect(await open.axe()).toEqual([]);
      await open.picture('approvals');
      await page.keyboard.press('l');
      await page.getByRole('heading', { name: 'Scale the shop to 20' }).waitFor();
      await page.keyboard.press('n');
      expect(await ended(pulser, second)).toBe('failed');
      await page.getByRole('heading', { name: 'Scale the shop to 3' }).waitFor();
      await page.keyboard.press('y');
      expect(await ended(pulser, third)).toBe('completed');
      await page.goto(`/ui/tasks/${second}`);
      await page.getByRole('link', { name: 'an approval' }).click();
      await page.getByText('denied it').waitFor();
      open.expectClean();
      await open.close();
    },
    slow,
  );
});

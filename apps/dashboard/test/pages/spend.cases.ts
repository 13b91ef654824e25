import { describePage, openDashboard, sharedPulser } from '../dashboard-harness.js';
import { ended } from '../scene.js';

const slow = 300_000;

describePage('what models cost', () => {
  it(
    'is shown by day, agent and model, with a warning when the budget of the day is nearly used',
    async () => {
      const pulser = await sharedPulser();
      await pulser.call('/api/v1/settings/budgets', { value: { day: { calls: 1_000 } } }, 'PUT');
      const task = { task_type: 'analytics', payload: { operation: 'ask', question: 'How many?', tools: ['query'] } };
      const taskId = await pulser.submit(task);
      expect(await ended(pulser, taskId)).toBe('completed');
      const open = await openDashboard({ path: '/spend' });
      const { page } = open;
      const parts = page.getByRole('region', { name: 'Spend by agent' });
      await parts.getByRole('rowheader', { name: 'dash' }).waitFor();
      expect(await page.getByText(/of the budget of today is used/).count()).toBe(0);
      await page.getByRole('radio', { name: 'Model' }).click();
      await page.getByRole('region', { name: 'Spend by model' }).getByRole('rowheader', { name: 'tester' }).waitFor();
      expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({ days: '30', by: 'model' });
      expect(await open.axe()).toEqual([]);
      await open.picture('spend');

      const { today } = await pulser.call<{ today: { spent: { calls: number } } }>('/api/v1/spend');
      await pulser.call('/api/v1/settings/budgets', { value: { day: { calls: today.spent.calls + 2 } } }, 'PUT');
      expect(await ended(pulser, await pulser.submit(task))).toBe('completed');
      await page.getByText('The budget of today is used up.').waitFor();
      await open.picture('spend-used-up');
      await pulser.call('/api/v1/settings/budgets', undefined, 'DELETE');
      open.expectClean();
      await open.close();
    },
    slow,
  );

  it(
    'is shown of a task, step by step',
    async () => {
      const pulser = await sharedPulser();
      const payload = { operation: 'ask', question: 'How many?', tools: ['query'] };
      const taskId = await pulser.submit({ task_type: 'analytics', payload });
      expect(await ended(pulser, taskId)).toBe('completed');
      const open = await openDashboard({ path: `/tasks/${taskId}` });
      const { page } = open;
      await page.getByRole('tab', { name: 'Model' }).click();
      const steps = page.getByRole('region', { name: 'Requests and tools' }).getByRole('table');
      await steps.getByRole('rowheader', { name: 'query' }).waitFor();
      expect(await steps.getByRole('rowheader', { name: 'tester' }).count()).toBe(2);
      await page.getByRole('region', { name: 'Budget: This task', exact: true }).waitFor();
      expect(await open.axe()).toEqual([]);
      expect(await open.overflows()).toBe(false);
      await open.picture('task-model');
      open.expectClean();
      await open.close();
    },
    slow,
  );
});

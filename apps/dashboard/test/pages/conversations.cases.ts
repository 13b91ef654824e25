import type { ConversationList } from '@pulser/contracts';

import { describePage, openDashboard, sharedPulser } from '../dashboard-harness.js';
import { ended } from '../scene.js';

const slow = 300_000;

describePage('conversations', () => {
  it(
    'are listed, read and forgotten',
    async () => {
      const pulser = await sharedPulser();
      const payload = { operation: 'ask', question: 'And in June?', tools: ['query'], conversation_id: 'june:1' };
      expect(await ended(pulser, await pulser.submit({ task_type: 'analytics', payload }))).toBe('completed');
      const open = await openDashboard({ path: '/conversations' });
      const { page } = open;
      await page.getByRole('row').filter({ hasText: 'june:1' }).getByText('And in June?').click();
      await page.getByRole('heading', { name: 'june:1' }).waitFor();
      const turns = page.getByRole('list', { name: 'Questions, the newest first' });
      await turns.getByText('One.').waitFor();
      expect(await open.axe()).toEqual([]);
      await page.getByRole('button', { name: 'Forget' }).click();
      await page.getByRole('alertdialog').getByRole('button', { name: 'Forget 1 conversation' }).click();
      await page.getByText('1 turn forgotten').waitFor();
      const { conversations } = await pulser.call<ConversationList>('/api/v1/conversations');
      expect(conversations.map(({ conversation_id: id }) => id)).not.toContain('june:1');
      open.expectClean();
      await open.close();
    },
    slow,
  );
});

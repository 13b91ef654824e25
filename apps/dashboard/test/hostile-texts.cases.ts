// Texts of tenants are texts on every page: a corpus of what has run in other people's pages, put wherever a tenant may write.
import type { ToolCallPage } from '@pulser/contracts';
import { eventually } from '@pulser/testing';

import { describePage, openDashboard, type OpenPage, sharedPulser } from './dashboard-harness.js';
import type { Pulser } from './pulser.js';
import { placeOf } from './route-samples.js';
import { ended, type Scene } from './scene.js';

const slow = 600_000;

/** Each does `owned = 1` in a page that takes texts for code. https://owasp.org/www-community/xss-filter-evasion-cheatsheet */
const corpus = [
  '<script>globalThis.owned=1</script>',
  '<img src=x onerror="globalThis.owned=1">',
  '<svg/onload=globalThis.owned=1>',
  '"><iframe srcdoc="<script>parent.owned=1</script>">',
  "'-globalThis.owned=1-'",
  '<a href="javascript:globalThis.owned=1">a</a>',
  '[a](javascript:globalThis.owned=1)',
  '![a](x"onerror="globalThis.owned=1)',
  '{{constructor.constructor("globalThis.owned=1")()}}',
  '<math><mtext><table><mglyph><style><img src=x onerror=globalThis.owned=1>',
  '<template><img src=x onerror=globalThis.owned=1></template>',
  '</title><script>globalThis.owned=1</script>',
  '\u202Eowned\u2066<img src=x onerror=globalThis.owned=1>',
] as const;

const all = corpus.join(' ');
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const csv = `${quoted(corpus[1])},n\n${corpus.map((text, n) => `${quoted(text)},${String(n)}`).join('\n')}\n`;

const sources = [{ name: 't', format: 'csv', content: csv }];

/** Everything that a tenant can write, written. */
const hostileScene = async (pulser: Pulser): Promise<Scene> => {
  const metadata = Object.fromEntries(corpus.map((text, n) => [`m${String(n)}`, text]));
  const [completed, failed] = await Promise.all([
    pulser.submit({
      task_type: 'analytics',
      metadata,
      payload: {
        operation: 'query',
        sources,
        sql: `select * from t`,
        chart: { kind: 'bar', x: corpus[1], y: 'n', title: all.slice(0, 200) },
      },
    }),
    pulser.submit({
      task_type: 'analytics',
      metadata,
      payload: { operation: 'query', sources, sql: `select '${corpus[1].replaceAll("'", "''")}' from ${quoted(all)}` },
    }),
  ]);
  const { task_id: kept } = await pulser.send<{ task_id: string }>('/api/v1/datasets/hostile', csv, 'text/csv');
  const { memory_id: memory } = await pulser.call<{ memory_id: string }>('/api/v1/memories', {
    type: 'fact',
    subject: corpus[1],
    content: all,
  });
  await pulser.call('/api/v1/keys', { name: corpus[1].slice(0, 100), role: 'viewer' });
  await pulser.call(
    '/api/v1/schedules/hostile',
    {
      when: { kind: 'interval', every_s: 86_400 },
      task: { task_type: 'analytics', payload: { operation: 'telemetry_report' }, metadata: { note: all } },
    },
    'PUT',
  );
  await pulser.call('/api/v1/schedules/hostile/pause', { note: all.slice(0, 200) });
  await pulser.call('/api/v1/agents/echo/pause', { reason: all.slice(0, 200) });
  for (const task of [completed, failed, kept]) await ended(pulser, task);
  const letters = await pulser.call<{ dead_letters: { dead_letter_id: string }[] }>(
    `/api/v1/dead-letters?task_id=${failed}`,
  );
  const step = { name: 'a', task_type: 'analytics', payload: { operation: all.slice(0, 200) }, on_failure: 'continue' };
  const run = await pulser.submit({
    task_type: 'orchestration',
    payload: { operation: 'run', inputs: { a: all }, definition: { inputs: { a: { type: 'string' } }, steps: [step] } },
  });
  const ask = { operation: 'ask', question: all.slice(0, 2_000), tools: ['query'], conversation_id: 'hostile:1' };
  const asked = await pulser.submit({ task_type: 'analytics', payload: ask });
  for (const task of [run, asked]) await ended(pulser, task);
  return {
    ...{ completed, failed, memory, run, dataset: 'hostile', schedule: 'hostile', conversation: 'hostile:1' },
    deadLetter: letters.dead_letters[0]?.dead_letter_id ?? '',
  };
};

/** A call that is refused stands in the log with its arguments. @returns its id */
const hostileCall = async (pulser: Pulser): Promise<string> => {
  const call = pulser.call('/api/v1/mcp/tools/no__tool/call', { arguments: { [corpus[1]]: all } });
  await expect(call).rejects.toThrow('unknown_tool');
  let id = '';
  await eventually(async () => {
    const { calls } = await pulser.call<ToolCallPage>('/api/v1/mcp/calls?tool=no__tool');
    id = calls[0]?.call_id ?? '';
    expect(id).not.toBe('');
  });
  return id;
};

const wasOwned = ({ page }: OpenPage): Promise<boolean> =>
  page.evaluate(() => 'owned' in globalThis || document.querySelector('#main :is(iframe, script, math)') !== null);

describePage('what tenants write', () => {
  it(
    'is text on every page, in every tab',
    async () => {
      const pulser = await sharedPulser();
      const scene = await hostileScene(pulser);
      const open = await openDashboard();
      const { page } = open;
      const routes = await page.evaluate(
        () => (globalThis as unknown as { pulser: { routes: string[] } }).pulser.routes,
      );
      const places = routes.filter((route) => route !== '/login').map((route) => placeOf(route, scene));
      const call = `/mcp/calls?open=${await hostileCall(pulser)}`;
      const queries = [call, `/tasks?q=${encodeURIComponent(all)}`, `/login?failed=${encodeURIComponent(corpus[0])}`];
      for (const place of [...places, `/tasks/${scene.failed}`, ...queries]) {
        await open.goTo(place);
        for (const tab of await page.getByRole('tab').all()) {
          await tab.click();
          await open.settled();
        }
        expect({ place, wasOwned: await wasOwned(open) }).toEqual({ place, wasOwned: false });
      }
      await open.goTo(`/memory/${scene.memory}`);
      await page.getByText(corpus[0]).first().waitFor();
      await pulser.call('/api/v1/agents/echo/resume', {});
      open.expectClean();
      await open.close();
    },
    slow,
  );
});

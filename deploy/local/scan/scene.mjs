import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pinnedEnvironment, pinnedNode } from '../pinned-node.mjs';
import { runCommand } from '../run-command.mjs';
import { workspaceRoot } from '../workspace.mjs';

const conversation = '019a0000-0000-7000-8000-00000000c0de';
const sales = 'region,amount\nnorth,120\nsouth,80\n';

const query = (sql) => ({
  task_type: 'analytics',
  payload: {
    operation: 'query',
    sources: [{ name: 'sales', format: 'csv', content: sales }],
    sql,
    chart: { kind: 'bar', x: 'region', y: 'total', title: 'Sales' },
  },
});

/** One of everything that the API can be asked for by a name or an id, made through the API. */
export class Scene {
  constructor(url, key) {
    this.url = url;
    this.headers = { authorization: `Bearer ${key}` };
  }

  /** @returns what exists, by the noun before it in paths. @throws Error with the first refusal */
  async make() {
    const [good, broken] = await Promise.all([
      this.ended(
        await this.json(
          'POST',
          '/api/v1/tasks',
          query('select region, sum(amount) as total from sales group by region'),
        ),
      ),
      this.ended(await this.json('POST', '/api/v1/tasks', query('select total from sale'))),
      this.ended(await this.send('PUT', '/api/v1/datasets/sales', sales, { 'content-type': 'text/csv' })),
      this.json('PUT', '/api/v1/settings/allowed-hosts', { value: [{ host: 'api.example.com' }] }),
      this.json('PUT', '/api/v1/secrets/billing', { value: 'a secret value' }),
      this.json('PUT', '/api/v1/schedules/nightly', {
        when: { kind: 'cron', expression: '30 6 * * *' },
        task: { task_type: 'analytics', payload: { operation: 'telemetry_report' } },
      }),
      this.json('PUT', '/api/v1/hooks/failures', {
        on: { kind: 'task.failed' },
        task: { task_type: 'analytics', payload: { operation: 'telemetry_report' } },
      }),
    ]);
    const hash = createHash('sha256').update(sales).digest('hex');
    await this.send('PATCH', `/api/v1/uploads/${hash}`, sales, { 'content-type': 'text/csv', 'upload-offset': '0' });
    const memory = await this.json('POST', '/api/v1/memories', {
      type: 'preference',
      subject: 'x',
      content: 'Mondays',
    });
    const [approval, run, destination] = await Promise.all([this.approval(), this.run(), this.destination()]);
    await this.ask();
    const [letter] = (await this.json('GET', `/api/v1/dead-letters?task_id=${broken.task_id}`)).dead_letters;
    return {
      ...{ tasks: good.task_id, artifacts: good.artifacts[0]?.name, datasets: 'sales', uploads: hash },
      ...{
        settings: 'allowed-hosts',
        schedules: 'nightly',
        secrets: 'billing',
        tools: 'pulser-hub__get_mcp_ecosystem_status',
        memories: memory.memory_id,
        signals: 'go',
        approvals: approval,
      },
      ...{ hooks: 'failures', workflows: 'totals', runs: run, steps: 'total', destinations: destination },
      ...{ conversations: conversation },
      'dead-letters': letter?.dead_letter_id,
    };
  }

  /** The cookie of a browser that has logged in with a key of the installation. @param folder the data of the Pulser */
  async operatorsCookie(folder) {
    const cli = [join(workspaceRoot, 'apps/cli/dist/main.js'), 'keys', 'create', '--installation', '--name', 'scan'];
    const env = { ...pinnedEnvironment({ PULSER_DATA_DIR: folder }), DATABASE_URL: undefined };
    const { code, stdout, stderr } = await runCommand(pinnedNode(), cli, { env });
    if (code !== 0) throw new Error(stderr.trim());
    const response = await fetch(`${this.url}/api/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key: stdout.trim() }),
    });
    if (!response.ok) throw new Error(`no session for an operator: ${await response.text()}`);
    return response.headers.get('set-cookie').split(';')[0];
  }

  /** Makes a workflow. @returns the id of a run of it that has ended */
  async run() {
    const step = query('select sum(amount) as total from sales');
    await this.json('PUT', '/api/v1/workflows/totals', { steps: [{ name: 'total', ...step }] });
    const payload = { operation: 'run', workflow: 'totals' };
    const task = await this.json('POST', '/api/v1/tasks', { task_type: 'orchestration', payload });
    return (await this.ended(task)).task_id;
  }

  async destination() {
    const order = { name: 'ops', kind: 'email', to: 'ops@example.com' };
    return (await this.json('POST', '/api/v1/destinations', order)).destination_id;
  }

  /** Asks in a conversation, which is so begun. */
  async ask() {
    const payload = { operation: 'ask', question: 'What is a region?', conversation_id: conversation };
    await this.ended(await this.json('POST', '/api/v1/tasks', { task_type: 'analytics', payload }));
  }

  /** Id of an approval that waits. */
  async approval() {
    const payload = { operation: 'approve', title: 'Go on', arguments: {} };
    await this.json('POST', '/api/v1/tasks', { task_type: 'orchestration', payload });
    for (let tries = 0; tries < 100; tries += 1) {
      const { approvals } = await this.json('GET', '/api/v1/approvals?status=waiting');
      if (approvals.length > 0) return approvals[0].approval_id;
      await setTimeout(200);
    }
    throw new Error('a task of the scan does not ask for its approval');
  }

  async ended({ task_id: id, links }) {
    const place = id === undefined ? links.task : `/api/v1/tasks/${id}`;
    for (let tries = 0; tries < 20; tries += 1) {
      const task = await this.json('GET', `${place}?wait=5s`);
      if (['completed', 'failed', 'cancelled'].includes(task.status)) return task;
    }
    throw new Error(`a task of the scan does not end: ${place}`);
  }

  json(method, place, body) {
    return this.send(method, place, body && JSON.stringify(body), body && { 'content-type': 'application/json' });
  }

  async send(method, place, body, headers = {}) {
    const response = await fetch(`${this.url}${place}`, { method, headers: { ...this.headers, ...headers }, body });
    const text = await response.text();
    if (!response.ok) throw new Error(`the scan needs ${method} ${place}, which answers ${response.status}: ${text}`);
    return text === '' ? {} : JSON.parse(text);
  }
}

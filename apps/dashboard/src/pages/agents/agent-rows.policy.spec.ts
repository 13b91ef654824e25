import type { AgentCondition, AgentHealth, Pause } from '@pulser/contracts';

import { filtered, installationRows, tenantRows } from './agent-rows.policy.js';

const at = '2026-03-10T12:00:00.000Z';

const health = (agent: string, state: AgentHealth['state']): AgentHealth => ({
  ...{ agent, state, reason: `It is ${state}`, last_seen: at, open: 1, completed: 2, failed: 0, error_rate: 0 },
  ...{ wait_p95_ms: 3, run_p95_ms: 4 },
});

const version = (agent: string, of: string, types: readonly string[]) => ({
  ...{ agent, version: of, task_types: types, operations: [], registered_at: at, last_seen: at },
});

const pause = (agent: string, isForAll = false): Pause => ({
  ...{ agent, task_type: null, reason: 'upgrade', paused_at: at, for_all_tenants: isForAll },
});

const rows = tenantRows(
  [health('maya', 'silent'), health('dash', 'up')],
  {
    agents: [
      version('dash', '2', ['analytics']),
      version('dash', '1', ['analytics', 'reports']),
      version('maya', '1', ['text']),
    ],
    conditions: [],
  },
  [pause('dash', true), pause('maya')],
);

describe('agents in a list', () => {
  it('are one row each, with all their versions and task types', () => {
    expect(rows.map(({ agent, versions, taskTypes }) => [agent, versions, taskTypes])).toEqual([
      ['dash', ['1', '2'], ['analytics', 'reports']],
      ['maya', ['1'], ['text']],
    ]);
  });

  it('say why they start nothing: a silent one is silent, paused or not', () => {
    expect(rows.map(({ state, reason }) => [state, reason])).toEqual([
      ['paused', 'Paused for all tenants: upgrade'],
      ['silent', 'It is silent'],
    ]);
  });

  it('say what the health service finds, unless they are paused', () => {
    const condition = (agent: string): AgentCondition => ({
      ...{ agent, status: 'degraded', reasons: ['it is late', 'it is full'], since: at, share: 100, stand_in: null },
    });
    const found = tenantRows(
      [health('dash', 'up'), health('maya', 'up')],
      { agents: [], conditions: [condition('dash'), condition('maya')] },
      [pause('maya')],
    );
    expect(found.map(({ state, reason }) => [state, reason])).toEqual([
      ['degraded', 'it is late; it is full'],
      ['paused', 'Paused: upgrade'],
    ]);
  });

  it('are found by name, by task type and by state', () => {
    const found = (filter: Parameters<typeof filtered>[1]) => filtered(rows, filter).map(({ agent }) => agent);
    expect(found({})).toEqual(['dash', 'maya']);
    expect(found({ q: ' MAY ' })).toEqual(['maya']);
    expect(found({ q: 'report' })).toEqual(['dash']);
    expect(found({ q: 'report', state: 'silent' })).toEqual([]);
    expect(found({ state: 'silent' })).toEqual(['maya']);
  });

  it('have slots and workers for operators of the installation', () => {
    const instance = (state: 'up' | 'silent') => ({
      ...{ agent: 'dash', instance: state, host: null, version: null, state, slots: 4, running: 1 },
      ...{ finished_total: 1, failed_total: 0, memory_mb: 90, lag_ms: 1, last_heartbeat: at, silent_s: 0 },
    });
    const [row] = installationRows(
      {
        complete: true,
        agents: [
          { agent: 'dash', versions: [], slots: 4, running: 1, instances: [instance('up'), instance('silent')] },
        ],
      },
      [],
      [],
    );
    expect(row).toMatchObject({
      ...{ state: 'up', reason: '1 of 2 workers heard of within 5 s', lastSeen: at },
      slots: { busy: 1, all: 4, workers: 1 },
    });
  });
});

import { eventually } from '@pulser/testing';

import { backOffLimits } from '../src/upstreams/lifecycle.policy.js';
import { UpstreamLost, UpstreamUnavailable } from '../src/upstreams/upstream-errors.js';
import { child, isAlive, plain, UpstreamsUnderTest } from './upstreams-under-test.js';

/** More of each with UPSTREAM_KILLS=30. */
const kills = Number(process.env['UPSTREAM_KILLS'] ?? 3);
/** The pauses between kills in a row grow to `backOffLimits.capMs`. */
const killsLimitMs = Math.max(120_000, kills * 2 * backOffLimits.capMs);

describe('servers of tools', () => {
  let under: UpstreamsUnderTest;

  afterEach(async () => {
    await under.close();
  });

  it('start at the same time, and serve when they have listed their tools', async () => {
    under = new UpstreamsUnderTest();
    const names = ['one', 'two', 'three', 'four', 'five', 'six', 'seven'];
    under.upstreams.apply(names.map((name) => plain(name)));
    await under.ready(...names);
    expect(await Promise.all(names.map((name) => under.ask(name, 'echo', { text: name })))).toEqual(
      names.map((text) => ({ text })),
    );
    expect(under.stateOf('one')).toMatchObject({ tools: 6, starts: 1, software: 'plain 1.0.0', mode: 'child' });
  });

  it('do not wait for one that starts slowly', async () => {
    under = new UpstreamsUnderTest({}, 1);
    under.upstreams.apply([plain('slow', { startMs: 60_000 }), plain('quick')]);
    await under.ready('quick');
    expect(under.stateOf('slow')?.state).toBe('starting');
    await expect(under.call('slow', 'echo')).rejects.toThrow(UpstreamUnavailable);
  });

  it(
    `serve again after a kill, while the others see no error: ${kills} kills`,
    async () => {
      under = new UpstreamsUnderTest();
      under.upstreams.apply([plain('killed'), plain('left'), plain('alone')]);
      await under.ready('killed', 'left', 'alone');
      let isOver = false;
      let calls = 0;
      const others = ['left', 'alone'].map(async (name) => {
        for (; !isOver; calls += 1) await under.ask(name, 'echo', { text: 'again' });
      });
      const pids: number[] = [];
      for (let n = 0; n < kills; n += 1) {
        const pid = await under.pidOf('killed');
        pids.push(pid);
        process.kill(pid, 'SIGKILL');
        await eventually(async () => {
          expect(await under.pidOf('killed')).not.toBe(pid);
        });
      }
      isOver = true;
      await Promise.all(others);
      expect(calls).toBeGreaterThan(kills);
      expect(pids.filter(isAlive)).toEqual([]);
      expect(under.stateOf('killed')).toMatchObject({ state: 'ready', starts: kills + 1 });
      expect(under.stateOf('left')).toMatchObject({ starts: 1 });
    },
    killsLimitMs,
  );

  it('that are lost during a call say that it may have run', async () => {
    under = new UpstreamsUnderTest();
    under.upstreams.apply([plain('killed')]);
    await under.ready('killed');
    const pid = await under.pidOf('killed');
    const call = under.call('killed', 'wait', { ms: 60_000 });
    process.kill(pid, 'SIGKILL');
    await expect(call).rejects.toThrow(UpstreamLost);
    await expect(call).rejects.toMatchObject({ mayHaveRun: true });
  });

  it('that hang are found by two pings without an answer, and started again', async () => {
    under = new UpstreamsUnderTest({ pingEveryMs: 100, pingLimitMs: 100 });
    under.upstreams.apply([plain('hung'), plain('well')]);
    await under.ready('hung', 'well');
    const pid = await under.pidOf('hung');
    const call = under.call('hung', 'hang');
    await expect(call).rejects.toThrow(UpstreamLost);
    await under.ready('hung');
    expect(await under.pidOf('hung')).not.toBe(pid);
    const states = under.states.filter(({ server }) => server === 'hung').map(({ state }) => state);
    expect(states.slice(-5)).toEqual(['ready', 'degraded', 'backing-off', 'starting', 'ready']);
    expect(isAlive(pid)).toBe(false);
    expect(under.stateOf('well')?.starts).toBe(1);
  });

  it('that cannot be started are tried again, with longer pauses, and say why', async () => {
    under = new UpstreamsUnderTest();
    const missing = plain('missing');
    if (missing.launch.kind !== 'child') throw new Error('It is a child');
    const command = { ...missing.launch.command, command: '/nowhere/at-all' };
    under.upstreams.apply([{ ...missing, launch: { kind: 'child', command } }, child('broken', 'no-such-file')]);
    await eventually(() => {
      expect(under.stateOf('missing')?.starts).toBeGreaterThan(1);
      expect(under.stateOf('broken')?.starts).toBeGreaterThan(1);
    });
    expect(under.stateOf('missing')?.lastError).toMatch(/ENOENT/);
    await expect(under.call('broken', 'echo')).rejects.toThrow(UpstreamUnavailable);
  });

  it('that end when they are asked for an unknown revision are asked for none the next time', async () => {
    under = new UpstreamsUnderTest();
    under.upstreams.apply([plain('old', { diesOfProbe: true })]);
    await under.ready('old');
    expect(under.stateOf('old')).toMatchObject({ starts: 2, revision: '2025-11-25' });
  });

  it('have nothing of the environment but what they are given', async () => {
    under = new UpstreamsUnderTest();
    process.env['SECRET_OF_THE_COORDINATOR'] = 'hunter2';
    under.upstreams.apply([plain('one')]);
    await under.ready('one');
    const environment = await under.ask<Record<string, string>>('one', 'environment');
    delete process.env['SECRET_OF_THE_COORDINATOR'];
    const allowed = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'TZ'];
    expect(Object.keys(environment).filter((name) => !allowed.includes(name))).toEqual([]);
  });

  it('list their tools again when these have changed, every member as it came', async () => {
    under = new UpstreamsUnderTest();
    under.upstreams.apply([plain('one')]);
    await under.ready('one');
    expect(under.lists.get('one')?.tools[0]).toMatchObject({ name: 'echo', unknownMember: 1 });
    await under.ask('one', 'change', { text: 'Sends everything away.' });
    await eventually(() => {
      expect(under.lists.get('one')?.tools[0]).toMatchObject({ description: 'Sends everything away.' });
    });
  });

  it('are not waited for any longer than the signal of a call says', async () => {
    under = new UpstreamsUnderTest();
    under.upstreams.apply([plain('one')]);
    await under.ready('one');
    const given = new AbortController();
    const call = under.call('one', 'wait', { ms: 60_000 }, given.signal);
    const reason = new Error('enough');
    given.abort(reason);
    await expect(call).rejects.toBe(reason);
    expect(await under.ask('one', 'echo', { text: 'here' })).toEqual({ text: 'here' });
  });

  describe('when the configuration changes', () => {
    it('are replaced where they have changed, after what they do, and go on where they have not', async () => {
      under = new UpstreamsUnderTest();
      under.upstreams.apply([plain('kept'), plain('changed'), plain('removed')]);
      await under.ready('kept', 'changed', 'removed');
      const [kept, changed, removed] = await Promise.all(['kept', 'changed', 'removed'].map((one) => under.pidOf(one)));
      const inHand = under.ask('changed', 'wait', { ms: 500 });
      under.upstreams.apply([plain('kept'), plain('changed', { description: 'Another one.' }), plain('added')]);
      await under.ready('kept', 'changed', 'added');
      expect(await inHand).toEqual({ ms: 500 });
      expect(await under.pidOf('kept')).toBe(kept);
      expect(await under.pidOf('changed')).not.toBe(changed);
      expect(under.gone).toEqual(['removed']);
      await expect(under.call('removed', 'echo')).rejects.toThrow(UpstreamUnavailable);
      await eventually(() => {
        expect([changed, removed].filter((pid) => isAlive(pid ?? 0))).toEqual([]);
      });
    });

    it('end when they are switched off, and say so', async () => {
      under = new UpstreamsUnderTest();
      under.upstreams.apply([plain('one')]);
      await under.ready('one');
      const pid = await under.pidOf('one');
      under.upstreams.apply([{ ...plain('one'), disabled: 'by the configuration' }]);
      expect(under.stateOf('one')).toMatchObject({ state: 'disabled', lastError: 'by the configuration' });
      await eventually(() => {
        expect(isAlive(pid)).toBe(false);
      });
    });
  });

  it('end with what they have started, also when they do not want to', async () => {
    under = new UpstreamsUnderTest();
    under.upstreams.apply([plain('stubborn', { stubborn: true, helper: true })]);
    await under.ready('stubborn');
    const { pid, helper } = await under.ask<{ pid: number; helper: number }>('stubborn', 'process');
    expect([pid, helper].every(isAlive)).toBe(true);
    await under.close();
    await eventually(() => {
      expect([pid, helper].filter(isAlive)).toEqual([]);
    });
  });
});

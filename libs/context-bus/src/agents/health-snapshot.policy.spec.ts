import type { AgentHealth, Judgements } from './health-snapshot.js';
import { healthSnapshot } from './health-snapshot.js';

const at = (second: number): Date => new Date(second * 1_000);

type Judged = Pick<AgentHealth, 'share' | 'standIn'>;

/** What the health services say at a second; it has changed a second before, unless said otherwise. */
const said = (second: number, agents: Readonly<Record<string, Judged>> = {}, changed = second - 1): Judgements => ({
  readAt: at(second),
  byAgent: new Map(
    Object.entries(agents).map(([agent, { share, standIn }]) => [
      agent,
      { status: share === 0 ? 'unhealthy' : 'healthy', reasons: [], changedAt: at(changed), share, standIn } as const,
    ]),
  ),
});

const live = [{ name: 'dash', isLive: true, lastSeenAt: at(0) }];
const gone = [{ name: 'dash', isLive: false, lastSeenAt: at(100) }];

const down: Judged = { share: 0, standIn: 'maya' };
const well: Judged = { share: 100, standIn: null };

describe('how agents are', () => {
  it('is what the health services say, whatever is heard', () => {
    const states = healthSnapshot(live, said(5, { dash: down }), undefined);
    expect(states.get('dash')).toMatchObject({ status: 'unhealthy', share: 0, standIn: 'maya' });
    expect(healthSnapshot(gone, said(5, { dash: well }), undefined).get('dash')?.share).toBe(100);
  });

  it('is by whom is heard within a minute while no health service says anything', () => {
    const older = { name: 'dash', isLive: false, lastSeenAt: at(0) };
    expect(healthSnapshot([...live, older], said(5), undefined).get('dash')).toMatchObject({ share: 100 });
    expect(healthSnapshot(gone, said(5), undefined).get('dash')).toMatchObject({
      status: 'unhealthy',
      share: 0,
      standIn: undefined,
    });
  });
});

describe('what was sent to an agent before it failed', () => {
  /** Reads one after the other. @returns until when tasks of dash lie with an agent that has failed */
  const resent = (...readings: Judgements[]): (number | undefined)[] => {
    let before: ReturnType<typeof healthSnapshot> | undefined;
    return readings.map((reading) => {
      before = healthSnapshot(live, reading, before);
      const time = before.get('dash')?.resendBefore?.getTime();
      return time === undefined ? undefined : time / 1_000;
    });
  };

  it('is sent again, once, by every router up to the same time', () => {
    const steps = [said(5, { dash: well }), said(7, { dash: down }, 6.5), said(9, { dash: down }, 6.5)];
    expect(resent(...steps)).toEqual([undefined, 6.5, 6.5]);
  });

  it('includes what went the old way by a router that has noticed it late', () => {
    expect(resent(said(5, { dash: well }), said(11, { dash: down }, 6))).toEqual([undefined, 11]);
  });

  it('is known to a router that starts afterwards by the time at which it failed', () => {
    expect(resent(said(50, { dash: down }, 6))).toEqual([6]);
  });

  it('is sent again when a stand-in is found later, or another one', () => {
    const nobody: Judged = { share: 0, standIn: null };
    const other: Judged = { share: 0, standIn: 'echo' };
    expect(resent(said(5, { dash: well }), said(6, { dash: nobody }), said(8, { dash: down }))).toEqual([
      undefined,
      5,
      7,
    ]);
    expect(resent(said(5, { dash: well }), said(6, { dash: down }), said(8, { dash: other }))[2]).toBe(7);
  });

  it('is not sent again when the agent comes back, unless it fails once more', () => {
    const back: Judged = { share: 10, standIn: 'maya' };
    const steps = [
      said(5, { dash: well }),
      said(6, { dash: down }),
      said(60, { dash: back }),
      said(90, { dash: well }),
    ];
    expect(resent(...steps)).toEqual([undefined, 5, 5, 5]);
    expect(resent(...steps.slice(0, 3), said(70, { dash: down }))[3]).toBe(69);
    expect(resent(...steps, said(606, { dash: well }))[4]).toBeUndefined();
  });

  it('is sent again when it was sent to a stand-in that fails', () => {
    const back: Judged = { share: 50, standIn: 'maya' };
    const steps = [said(5, { dash: well }), said(6, { dash: down }), said(60, { dash: back })];
    expect(resent(...steps, said(70, { dash: well, maya: { share: 0, standIn: 'dash' } }))[3]).toBe(69);
  });

  it('counts as failed a minute after its last word while there is no health service', () => {
    const first = healthSnapshot(live, said(100), undefined);
    expect(healthSnapshot(gone, said(161), first).get('dash')?.resendBefore).toEqual(at(160));
  });
});

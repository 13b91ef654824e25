import { newRouting, routingDraftOf, routingFaults, routingOf } from './routing-draft.policy.js';

const draft = newRouting('Europe/Berlin');

describe('what a destination is told of', () => {
  it('comes back as it was written', () => {
    const quiet = { from: '21:30', to: '06:00', time_zone: 'Asia/Tokyo' };
    const view = { incidents_from: 'critical' as const, after_min: 15, quiet };
    expect(routingOf(routingDraftOf(view, 'UTC'), true)).toEqual(view);
    const none = { incidents_from: null, after_min: null, quiet: null };
    expect(routingOf(routingDraftOf(none, 'UTC'), true)).toEqual(none);
  });

  it('names no incidents for a destination of a tenant', () => {
    expect(routingOf(draft, false)).toEqual({ quiet: null });
  });

  it('begins quiet hours in the zone of the browser', () => {
    expect(routingOf({ ...draft, isQuiet: true }, false)).toEqual({
      quiet: { from: '22:00', to: '07:00', time_zone: 'Europe/Berlin' },
    });
  });

  it.each([
    [{ after: '0' }, ['after']],
    [{ after: '1.5' }, ['after']],
    [{ after: '10081' }, ['after']],
    [{ isQuiet: true, start: '24:00' }, ['start']],
    [{ isQuiet: true, end: '7:00' }, ['end']],
    [{ isQuiet: true, start: '07:00' }, ['end']],
    [{ isQuiet: true, zone: ' ' }, ['zone']],
    [{ start: '24:00', zone: '' }, []],
    [{ after: ' 15 ' }, []],
  ])('is not right with %j in %j', (written, wrong) => {
    expect(Object.keys(routingFaults({ ...draft, ...written }))).toEqual(wrong);
  });
});

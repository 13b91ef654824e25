import { Breakers } from '@pulser/service-kit';

import { HostBreakers, type HostBreakerCalls } from './host-breakers.js';

const origin = 'https://data.example';

describe('a host that tasks ask', () => {
  let hosts: HostBreakers;

  beforeEach(() => {
    hosts = new HostBreakers(new Breakers(), { OUTGOING_TIMEOUT_S: 60 } as never);
  });

  const of = (tenantId: string): HostBreakerCalls => hosts.open({ tenantId });

  const ask = async (calls: HostBreakerCalls, isUp: boolean): Promise<boolean> => {
    if (!(await calls.mayAsk(origin))) return false;
    await calls.answered(origin, isUp);
    return true;
  };

  it('is left alone after five failures, in whichever attempts of the tenant', async () => {
    const asked: boolean[] = [];
    for (let n = 0; n < 7; n += 1) asked.push(await ask(of('a'), false));
    expect(asked).toEqual([true, true, true, true, true, false, false]);
    expect(await of('a').mayAsk('https://other.example')).toBe(true);
  });

  it('may be asked by other tenants all the same', async () => {
    for (let n = 0; n < 5; n += 1) await ask(of('a'), false);
    expect([await ask(of('a'), true), await ask(of('b'), true)]).toEqual([false, true]);
  });

  it('that answers now and then is asked on', async () => {
    for (let n = 0; n < 20; n += 1) expect(await ask(of('a'), n % 5 === 4)).toBe(true);
  });

  it('may be asked by several attempts at a time', async () => {
    const many = Array.from({ length: 10 }, () => of('a'));
    expect(await Promise.all(many.map((calls) => calls.mayAsk(origin)))).toEqual(many.map(() => true));
    await Promise.all(many.map((calls) => calls.answered(origin, false)));
    expect(await of('a').mayAsk(origin)).toBe(false);
  });
});

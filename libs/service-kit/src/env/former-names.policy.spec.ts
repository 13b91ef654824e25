import { z } from 'zod';

import { Env, renamingAdvice } from './env.js';

class RouterEnv extends Env({
  AGING_S: z.coerce.number().int().min(1).default(60).describe('Seconds').meta({ formerly: 'AGEING_S' }),
}) {}

describe('a variable with a former name', () => {
  it('is read under that name, with the advice to rename it', () => {
    const env = RouterEnv.read({ AGEING_S: '7' });
    expect(env.AGING_S).toBe(7);
    expect(renamingAdvice(env)).toEqual(['AGEING_S is called AGING_S now: rename the variable']);
  });

  it.each([{ AGING_S: '5', AGEING_S: '7' }, { AGING_S: '5', AGEING_S: '' }, { AGING_S: '5' }])(
    'is read under its own name when that is set: %j',
    (source) => {
      const env = RouterEnv.read(source);
      expect(env.AGING_S).toBe(5);
      expect(renamingAdvice(env)).toEqual([]);
    },
  );

  it('counts as unset when it is empty under its own name', () => {
    expect(RouterEnv.read({ AGING_S: '', AGEING_S: '7' }).AGING_S).toBe(7);
    expect(RouterEnv.read({ AGING_S: '', AGEING_S: '' }).AGING_S).toBe(60);
  });

  it('is named in an error as it was set', () => {
    expect(() => RouterEnv.read({ AGEING_S: 'x' })).toThrow(/^AGEING_S is "x": it must be an integer of at least 1/);
    expect(() => RouterEnv.read({ AGING_S: 'x' })).toThrow(/^AGING_S is "x"/);
  });
});

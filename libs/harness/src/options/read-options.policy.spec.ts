import { z } from 'zod';

import { readOptions } from './read-options.js';

const schema = z.strictObject({ rounds: z.coerce.number().int().default(5), loud: z.boolean().default(false) });

describe('readOptions', () => {
  it('reads values and flags, and fills in what is missing', () => {
    expect(readOptions(schema, ['--loud'], ['loud'])).toEqual({ rounds: 5, loud: true });
    expect(readOptions(schema, ['--rounds', '2'], ['loud'])).toEqual({ rounds: 2, loud: false });
  });

  it.each([
    [['--rounds', 'x'], '--rounds'],
    [['--quiet'], '--quiet'],
    [['--loud=yes'], '--loud'],
  ])('refuses %s', (args, message) => {
    expect(() => readOptions(schema, args, ['loud'])).toThrow(message);
  });
});

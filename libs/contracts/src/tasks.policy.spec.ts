import { Instant } from './tasks.js';

describe('a point in time', () => {
  it.each(['2030-01-01T00:00:00Z', '0001-01-01T00:00:00+15:59', '9999-12-31T23:59:59.999999999-15:59'])(
    'may be %s',
    (text) => {
      expect(Instant.safeParse(text).success).toBe(true);
    },
  );

  it.each([
    '0000-01-01T00:00:00Z',
    '2030-01-01T00:00:00+16:00',
    '2030-01-01T00:00:00-23:59',
    `2030-01-01T00:00:00.${'1'.repeat(40)}Z`,
    '2030-02-30T00:00:00Z',
    '2030-01-01',
  ])('is not %s', (text) => {
    expect(Instant.safeParse(text).success).toBe(false);
  });
});

import { MetricsAccess } from './health.controller.js';

describe('reading the metrics', () => {
  it('is for everybody when there is no token', () => {
    expect(new MetricsAccess().permits(undefined)).toBe(true);
  });

  it('is for who has the token when there is one', () => {
    const access = new MetricsAccess('0123456789abcdef');
    expect(access.permits('Bearer 0123456789abcdef')).toBe(true);
    expect(access.permits('bearer 0123456789abcdef')).toBe(true);
    for (const wrong of [undefined, '', 'Bearer', 'Bearer 0123', 'Basic 0123456789abcdef', '0123456789abcdef']) {
      expect(access.permits(wrong)).toBe(false);
    }
  });
});

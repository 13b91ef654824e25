import { forgetFilterOf, metadataOf } from './memory-draft.policy.js';

describe('the metadata of a memory', () => {
  it('is an object or nothing', () => {
    expect(metadataOf(' ')).toEqual({ ok: true, value: undefined });
    expect(metadataOf('{"a": 1}')).toEqual({ ok: true, value: { a: 1 } });
  });

  it.each(['[1]', 'null', '"text"', '{'])('is not %s', (text) => {
    expect(metadataOf(text).ok).toBe(false);
  });
});

describe('what is forgotten together', () => {
  const empty = { subject: '', type: '', agent: '', before: '' };

  it('is nothing as long as nothing is said', () => {
    expect(forgetFilterOf(empty)).toBeUndefined();
    expect(forgetFilterOf({ ...empty, before: 'no time' })).toBeUndefined();
  });

  it('is what every filter has', () => {
    expect(forgetFilterOf({ ...empty, subject: 'payments', before: '2026-01-01T00:00Z' })).toEqual({
      subject: 'payments',
      older_than: '2026-01-01T00:00:00.000Z',
    });
  });
});

import { verdictText } from './audit-verdict.policy.js';

describe('the verdict on a trail', () => {
  it('says that nothing was altered', () => {
    expect(verdictText({ entries: 3, intact: true, first_broken: null })).toBe(
      'No entry was altered, removed or moved.',
    );
  });

  it('names the entry where it breaks', () => {
    expect(verdictText({ entries: 3, intact: false, first_broken: 2 })).toMatch(/broken: entry 2 /);
  });

  it('claims nothing about an empty trail, nor calls one whole that is not', () => {
    expect(verdictText({ entries: 0, intact: true, first_broken: null })).toMatch(/empty/);
    expect(verdictText({ entries: 3, intact: false, first_broken: null })).toMatch(/broken/);
  });
});

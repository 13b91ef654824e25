import {
  draftOfHost,
  hostDraftsOf,
  hostOfDraft,
  labelsOf,
  newHost,
  problemAt,
  toolsDraftOf,
  toolsOfDraft,
} from './setting-drafts.policy.js';

describe('a host in the form', () => {
  it.each([
    [{ host: 'api.example.com' }],
    [{ host: '*.example.com', ports: [443, 8_443], schemes: ['https' as const] }],
    [{ host: '192.0.2.7', schemes: ['http' as const], load_test: true }],
  ])('comes back as it was: %j', (host) => {
    expect(hostOfDraft(draftOfHost(host))).toEqual(host);
  });

  it('has both schemes when none or both are said', () => {
    expect(draftOfHost({ host: 'a' }).schemes).toBe('both');
    expect(draftOfHost({ host: 'a', schemes: ['http', 'https'] }).schemes).toBe('both');
  });

  it('leaves it to the API to say what is wrong with a port', () => {
    expect(hostOfDraft({ ...newHost, host: ' a ', ports: '80, x 99999' })).toEqual({
      host: 'a',
      ports: [80, 'x', 99_999],
      schemes: ['https'],
    });
  });
});

describe('tools of roles in the form', () => {
  it('come back as they were, without the roles that name none', () => {
    const value = { admin: ['read', 'kubernetes__*'], operator: ['read'] };
    const draft = toolsDraftOf(value);
    expect(draft).toEqual({ operator: 'read', approver: '', admin: 'read, kubernetes__*' });
    expect(draft && toolsOfDraft(draft)).toEqual(value);
    expect(toolsOfDraft({ operator: ' ', approver: ',', admin: 'a  b,c' })).toEqual({ admin: ['a', 'b', 'c'] });
  });
});

describe('a value of a setting', () => {
  it('is undefined where the page does not know its shape', () => {
    expect(hostDraftsOf([{ host: 1 }])).toBeUndefined();
    expect(labelsOf({})).toBeUndefined();
    expect(toolsDraftOf([])).toBeUndefined();
    expect(toolsDraftOf({ owner: ['*'] })).toBeUndefined();
    expect(toolsDraftOf({ admin: [1] })).toBeUndefined();
    expect(labelsOf(['a'])).toEqual(['a']);
  });
});

describe('a problem', () => {
  const errors = [
    { pointer: '/value/1/ports/0', detail: 'too large' },
    { pointer: '/value/1/host', detail: 'no host' },
    { pointer: '/value/10/host', detail: 'another' },
  ];

  it('stands at its field', () => {
    expect(problemAt(errors, 1, 'host')).toBe('no host');
    expect(problemAt(errors, 1, 'ports')).toBe('too large');
    expect(problemAt(errors, 0, 'host')).toBeUndefined();
    expect(problemAt(errors, 10)).toBe('another');
  });
});

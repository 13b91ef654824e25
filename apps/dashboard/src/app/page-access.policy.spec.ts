import { isOffered, pageRefusal } from './page-access.policy.js';

const viewer = { role: 'viewer', tenant: 'acme' } as const;
const admin = { role: 'admin', tenant: 'acme' } as const;
const operatorOfAll = { role: 'admin', tenant: null } as const;

describe('a page', () => {
  it('names the role that it takes', () => {
    expect(pageRefusal({ least: 'admin' }, viewer)).toEqual({ why: 'role', needed: 'admin', role: 'viewer' });
    expect(pageRefusal({ least: 'admin' }, admin)).toBeUndefined();
    expect(pageRefusal({}, viewer)).toBeUndefined();
  });

  it('is shown to a reader, whom nothing leads there', () => {
    const settings = { least: 'admin', reader: 'viewer' } as const;
    expect(pageRefusal(settings, viewer)).toBeUndefined();
    expect([isOffered(settings, viewer), isOffered(settings, admin)]).toEqual([false, true]);
  });

  it('is about tenants, about the installation, or about both', () => {
    expect(pageRefusal({}, operatorOfAll)).toEqual({ why: 'tenant' });
    expect(pageRefusal({ scope: 'installation' }, admin)).toEqual({ why: 'installation' });
    expect(pageRefusal({ scope: 'both', least: 'admin' }, operatorOfAll)).toBeUndefined();
  });
});

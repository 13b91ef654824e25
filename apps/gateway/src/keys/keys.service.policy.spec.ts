import { grantRefusal } from './keys.service.js';

const rights = (role: 'operator' | 'approver' | 'admin', types?: ('analytics' | 'testing')[]) => ({
  role,
  allowedTaskTypes: types ?? null,
});

describe('a key', () => {
  it.each([
    ['of the giver’s own role', rights('admin'), rights('admin')],
    ['of a lesser role', rights('admin'), rights('operator')],
    ['for fewer types', rights('admin'), rights('admin', ['testing'])],
    ['for some of the giver’s types', rights('admin', ['testing', 'analytics']), rights('admin', ['testing'])],
  ])('%s may be handed out', (_, giver, granted) => {
    expect(grantRefusal(giver, granted)).toBeUndefined();
  });

  it.each([
    ['above the giver’s own role', rights('approver'), rights('admin')],
    ['for every type, when the giver’s is not', rights('admin', ['testing']), rights('operator')],
    ['for another type than the giver’s', rights('admin', ['testing']), rights('operator', ['testing', 'analytics'])],
  ])('%s may not', (_, giver, granted) => {
    expect(grantRefusal(giver, granted)).toMatchObject({ code: 'forbidden' });
  });
});

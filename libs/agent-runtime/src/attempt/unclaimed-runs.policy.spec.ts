import { ageOf, isNew } from './unclaimed-runs.js';

// From RFC 9562, A.6: 2022-02-22 19:22:22.000 UTC.
const taskId = '017f22e2-79b0-7cc3-98c4-dc0c0c07398f';
const insertedAt = Date.UTC(2022, 1, 22, 19, 22, 22);

describe('a task that need not be claimed at once', () => {
  const dispatch = { task_id: taskId, tenant_id: taskId, task_type: 'analytics' } as const;

  it('has the age that its id tells', () => {
    expect(ageOf(taskId, insertedAt + 1_234)).toBe(1_234);
  });

  it('was inserted within three seconds, as its message says and the clock agrees', () => {
    expect(isNew({ ...dispatch, fresh: true }, insertedAt + 3_000)).toBe(true);
    expect(isNew(dispatch, insertedAt)).toBe(false);
    expect(isNew({ ...dispatch, fresh: true }, insertedAt + 3_001)).toBe(false);
  });

  it('is none where the clocks are far apart', () => {
    expect(isNew({ ...dispatch, fresh: true }, insertedAt - 2_000)).toBe(true);
    expect(isNew({ ...dispatch, fresh: true }, insertedAt - 3_600_000)).toBe(false);
  });
});

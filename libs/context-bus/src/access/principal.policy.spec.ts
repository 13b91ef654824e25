import { submissionRefusal } from './principal.js';

describe('the right to submit a task', () => {
  it.each([
    ['is not a viewer’s', 'viewer', null, 'forbidden'],
    ['is not a viewer’s, whatever types its key names', 'viewer', ['analytics'], 'forbidden'],
    ['is an operator’s', 'operator', null, undefined],
    ['is an admin’s', 'admin', null, undefined],
    ['is that of a service key for its types', 'operator', ['testing', 'analytics'], undefined],
    ['is not that of a service key for other types', 'operator', ['testing'], 'forbidden_task_type'],
    ['is bounded by the types of the key even for an admin', 'admin', ['testing'], 'forbidden_task_type'],
  ] as const)('%s', (_, role, allowedTaskTypes, refusal) => {
    expect(submissionRefusal({ role, allowedTaskTypes }, 'analytics')).toBe(refusal);
  });
});

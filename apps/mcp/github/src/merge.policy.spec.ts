import { branchRules, mergeObstacles, type MergeFacts } from './merge.policy.js';

const rules = branchRules([], []);
const ready: MergeFacts = {
  ...{ draft: false, mergeable: true, mergeableState: 'clean', method: 'squash' },
  ...{ checks: [], checksComplete: true, rules, reviews: [] },
};
const check = (name: string, outcome: 'passed' | 'failed' | 'pending') => ({
  name,
  outcome,
  detail: outcome,
  url: null,
});

describe('a merge', () => {
  it.each(['clean', 'has_hooks', 'unknown'])('is not hindered by the verdict %p', (mergeableState) => {
    expect(mergeObstacles({ ...ready, mergeableState })).toEqual([]);
  });

  it.each(['behind', 'dirty', 'blocked', 'unstable', 'draft'])(
    'is hindered by the verdict %p alone',
    (mergeableState) => {
      expect(mergeObstacles({ ...ready, mergeableState })).toHaveLength(1);
    },
  );

  it('is hindered by every reason at once, and the verdict adds nothing that they explain', () => {
    const found = mergeObstacles({
      ...ready,
      ...{ draft: true, mergeableState: 'blocked', method: 'merge', checksComplete: false },
      checks: [check('a', 'failed'), check('b', 'pending'), check('c', 'passed')],
      rules: { requiredChecks: ['c', 'd'], requiredApprovals: 1, allowedMethods: ['squash'], mergeQueue: true },
    });
    expect(found).toEqual([
      'it is a draft',
      'check a is failed (failed)',
      'check b is pending (pending)',
      'required check d has not reported',
      'there are more checks than could be read',
      '0 of 1 required approvals',
      'the base branch takes changes by a merge queue',
      'the base branch does not allow the method merge',
    ]);
  });

  it('counts the latest word of each reviewer', () => {
    const required = { ...rules, requiredApprovals: 2 };
    const review = (author: string, state: string) => ({ author, state });
    const reviews = [
      review('ada', 'CHANGES_REQUESTED'),
      review('bob', 'APPROVED'),
      review('ada', 'APPROVED'),
      review('ada', 'COMMENTED'),
      review('cyd', 'APPROVED'),
      review('cyd', 'DISMISSED'),
    ];
    expect(mergeObstacles({ ...ready, rules: required, reviews })).toEqual([]);
    expect(
      mergeObstacles({ ...ready, rules: required, reviews: [...reviews, review('bob', 'CHANGES_REQUESTED')] }),
    ).toEqual(['1 of 2 required approvals', 'bob has requested changes']);
  });

  it('obeys the strictest of several rules', () => {
    const found = branchRules(
      [
        {
          type: 'pull_request',
          parameters: { required_approving_review_count: 1, allowed_merge_methods: ['merge', 'squash'] },
        },
        { type: 'pull_request', parameters: { required_approving_review_count: 2 } },
        { type: 'required_linear_history' },
        {
          type: 'required_status_checks',
          parameters: { required_status_checks: [{ context: 'build' }, { context: 'e2e' }] },
        },
        { type: 'deletion' },
      ],
      ['build'],
    );
    expect(found).toEqual({
      requiredChecks: ['build', 'e2e'],
      requiredApprovals: 2,
      allowedMethods: ['squash'],
      mergeQueue: false,
    });
  });
});

import { criteriaCondition } from './criteria.policy.js';

describe('the filter of dead letters', () => {
  it('names only what is asked for, with parameters in order', () => {
    expect(criteriaCondition({ state: 'open', reason: 'worker_lost', agent: 'dash', task_type: undefined }, 3)).toEqual(
      {
        name: 'open+agent+reason',
        text: ` and d.state = 'open' and d.agent_name = $3 and d.reason = $4`,
        values: ['dash', 'worker_lost'],
      },
    );
  });

  it('asks for nothing when nothing is asked for', () => {
    expect(criteriaCondition({}, 1)).toEqual({ name: 'all', text: '', values: [] });
  });

  it('looks for times in the ids', () => {
    const { text } = criteriaCondition({ created_after: '2026-01-01T00:00:00Z' }, 1);
    expect(text).toBe(' and d.dead_letter_id >= pulser.id_floor($1)');
  });
});

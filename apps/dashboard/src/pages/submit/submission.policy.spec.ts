import {
  bodyOf,
  hasOptions,
  isShownOption,
  noOptions,
  optionProblem,
  secondsOf,
  splitProblems,
} from './submission.policy.js';

const written = { taskType: 'analytics', payload: { operation: 'query' }, options: noOptions };

describe('the body of a submission', () => {
  it('has only what was chosen', () => {
    expect(bodyOf(written)).toEqual({
      body: { task_type: 'analytics', priority: 'medium', payload: { operation: 'query' } },
    });
    expect(hasOptions(noOptions)).toBe(false);
  });

  it('has start, deadline and metadata as the API takes them', () => {
    const options = { ...noOptions, runAt: '2030-01-01T10:00', deadline: '15m', metadata: '{ "customer": "acme" }' };
    expect(bodyOf({ ...written, options })).toMatchObject({
      body: { run_at: new Date('2030-01-01T10:00').toISOString(), deadline_s: 900, metadata: { customer: 'acme' } },
    });
    expect(hasOptions(options)).toBe(true);
  });

  it('is refused here for what the API could not read', () => {
    const options = { ...noOptions, deadline: 'soon', metadata: '[1]' };
    const made = bodyOf({ ...written, options });
    expect('problems' in made && made.problems.map(({ pointer }) => pointer)).toEqual(['/deadline_s', '/metadata']);
  });

  it.each([
    ['90', 90],
    [' 90s ', 90],
    ['15m', 900],
    ['2h', 7_200],
    ['1D', 86_400],
    ['0', undefined],
    ['-5', undefined],
    ['1.5h', undefined],
    ['', undefined],
  ])('reads a length of time: %s', (text, seconds) => {
    expect(secondsOf(text)).toBe(seconds);
  });
});

describe('the problems of a refused body', () => {
  it('are shown where they belong', () => {
    const problems = [
      { pointer: '/payload/sql', detail: 'a' },
      { pointer: '/payload', detail: 'b' },
      { pointer: '/metadata/x', detail: 'c' },
      { pointer: '/payloads', detail: 'd' },
    ];
    const { payload, options } = splitProblems(problems);
    expect(payload.map(({ pointer }) => pointer)).toEqual(['/sql', '']);
    expect(optionProblem(options, 'metadata')).toBe('c');
    expect(optionProblem(options, 'run_at')).toBeUndefined();
    expect(options.map(isShownOption)).toEqual([true, false]);
  });
});

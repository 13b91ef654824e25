import { shownArguments, shownText } from './shown-arguments.policy.js';

describe('arguments as approvers see them', () => {
  it('are what they are, without secrets', () => {
    expect(
      shownArguments({
        app: 'shop',
        count: 3,
        none: null,
        api_key: 'abc',
        env: [
          { name: 'DB_PASSWORD', value: 'x' },
          { name: 'MODE', value: 'fast' },
        ],
        url: 'https://me:word@example.com/a',
      }),
    ).toEqual({
      app: 'shop',
      count: 3,
      none: null,
      api_key: '(hidden)',
      env: [
        { name: 'DB_PASSWORD', value: '(hidden)' },
        { name: 'MODE', value: 'fast' },
      ],
      url: 'https://example.com/a',
    });
  });

  it('hide texts in which a secret has a value, and not those that speak of one', () => {
    expect(shownArguments(['curl -H "Authorization: Bearer abc"', 'password = hunter2', '{"token": 1}'])).toEqual(
      Array(3).fill('(hidden)'),
    );
    expect(shownArguments('alter table users drop column password')).toBe('alter table users drop column password');
  });

  it('say how long a text is that they cut', () => {
    expect(shownArguments('y'.repeat(5_000))).toBe(`${'y'.repeat(4_000)}… (5000 characters)`);
    expect(shownText({ text: 'y'.repeat(5_000) })).toMatch(/cut off: the page shows all of it\)$/);
  });
});

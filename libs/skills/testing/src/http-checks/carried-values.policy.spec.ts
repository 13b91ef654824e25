import { filledBody, filledHeader, filledPath, filledText, ValueUnusable } from './carried-values.policy.js';

const values = new Map<string, unknown>([
  ['id', 'a/b?c#d'],
  ['n', 7],
  ['list', [1, 'x']],
  ['up', '..'],
  ['line', 'a\r\nb'],
  ['nested', '{{n}}'],
]);

describe('a value that is carried on', () => {
  it('is one part of a path, whatever is in it', () => {
    expect(filledPath('/x/{{id}}/{{ n }}', values)).toBe('/x/a%2Fb%3Fc%23d/7');
    expect(() => filledPath('/x/{{up}}/y', values)).toThrow(ValueUnusable);
    expect(filledPath('/x/../y', values)).toBe('/x/../y');
  });

  it('has its type where it stands alone in a body, and is text beside other text', () => {
    expect(filledBody({ a: '{{n}}', b: ['n={{n}}', '{{list}}'], c: 1, d: null }, values)).toEqual({
      a: 7,
      b: ['n=7', [1, 'x']],
      c: 1,
      d: null,
    });
  });

  it('adds no line to a header, and is not looked into again', () => {
    expect(filledHeader('v {{line}}', values)).toBe('v a  b');
    expect(filledText('{{nested}}', values)).toBe('{{n}}');
  });

  it('must have been saved', () => {
    expect(() => filledText('{{other}}', values)).toThrow('There is no value other');
  });
});

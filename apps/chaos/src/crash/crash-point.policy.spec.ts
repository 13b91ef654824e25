import { crashPointOf, crashPointText } from './crash-point.policy.js';

describe('crashPointOf', () => {
  it('reads what crashPointText writes', () => {
    const point = { step: 'claim', moment: 'after', times: 17 } as const;
    expect(crashPointOf(crashPointText(point))).toEqual(point);
  });

  it.each([
    '',
    'claim',
    'claim:after',
    'claim:after:0',
    'claim:after:x',
    'claim:while:1',
    'nothing:after:1',
    'confirm:before:1',
  ])('refuses "%s"', (text) => {
    expect(() => crashPointOf(text)).toThrow(RangeError);
  });
});

import { rison } from './rison.policy.js';

describe('Rison', () => {
  it.each([
    [{ page: 0, page_size: 25 }, '(page:0,page_size:25)'],
    [{ filters: [{ col: 'title', opr: 'ct', value: "it's 5!" }] }, "(filters:!((col:title,opr:ct,value:'it!'s 5!!')))"],
    [['id', null, true, false, ''], "!(id,!n,!t,!f,'')"],
    [1e30, '1e30'],
    [-1.5, '-1.5'],
    ['-a', "'-a'"],
    ['12', "'12'"],
  ])('writes %j as %s', (value, written) => {
    expect(rison(value)).toBe(written);
  });
});

import { csvDialect } from './csv-dialect.policy.js';

describe('the dialect of a CSV text', () => {
  it.each([
    ['a,b,c\n1;2;3', ',', 3],
    ['a;b;c\n1,5;2,5;3', ';', 3],
    ['a\tb\r\n1\t2', '\t', 2],
    ['a|b|c', '|', 3],
    ['name\nAnn', ',', 1],
    ['"last; first",born\nx,1', ',', 2],
    ['"a\nb",c\n1,2', ',', 2],
    ['"say ""a;b;c""",d', ',', 2],
    ['', ',', 1],
  ])('of %j is read off its header', (content, delimiter, columns) => {
    expect(csvDialect(content)).toEqual({ delimiter, columns });
  });
});

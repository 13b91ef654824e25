import { textBlocks } from './text-blocks.policy.js';

describe('plain text', () => {
  it('is paragraphs and lists', () => {
    expect(textBlocks('One\ngoes on.\r\n\r\nTwo:\n- a\n- b\n  and more\n\n\n- c')).toEqual([
      { kind: 'paragraph', text: 'One goes on.' },
      { kind: 'paragraph', text: 'Two:' },
      { kind: 'list', items: ['a', 'b and more'] },
      { kind: 'list', items: ['c'] },
    ]);
    expect(textBlocks(' \n ')).toEqual([]);
  });

  it('is nothing else: marks of Markdown and HTML are letters', () => {
    expect(textBlocks('# **x** <b>')).toEqual([{ kind: 'paragraph', text: '# **x** <b>' }]);
  });
});

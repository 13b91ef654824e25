import type { ReportDocument } from '../print/document.js';
import { markdownOf } from './markdown.policy.js';

const document = (blocks: ReportDocument['sections'][number]['blocks'], title = 'A report'): ReportDocument => ({
  title,
  subtitle: undefined,
  author: undefined,
  madeAt: 0,
  evidence: [],
  sections: [{ heading: 'One', blocks }],
  page: 'A4',
});

describe('a report as Markdown', () => {
  it('has its tables, lists, lights and pictures', () => {
    const text = markdownOf(
      document([
        {
          kind: 'table',
          columns: [
            { name: 'agent', isNumeric: false },
            { name: 'n', isNumeric: true },
          ],
          rows: [['a|b', null]],
        },
        { kind: 'lights', items: [{ name: 'dash', state: 'silent', isOn: false, text: 'not heard of' }] },
        { kind: 'picture', png: Buffer.alloc(0), width: 1, height: 1, alt: 'Chart: x', file: 'x.png' },
        { kind: 'note', text: 'mind' },
      ]),
    );
    expect(text).toBe(
      '# A report\n\n1 January 1970\n\n## One\n\n| agent | n |\n\n'.replace('|\n\n', '|\n') +
        '| --- | ---: |\n| a\\|b | *NULL* |\n\n- ○ **dash** silent: not heard of\n\n![Chart: x](x.png)\n\n> mind\n\n',
    );
  });

  it('lets no foreign text become markup, a new line or a link', () => {
    const evil = '<img src=x>\n# [a](https://b) *c* `d` www.e.com f@g &amp;';
    const text = markdownOf(document([{ kind: 'paragraph', text: evil }], '- 1. x'));
    expect(text).toContain('\n\\<img src=x\\> \\# \\[a\\](https\\://b) \\*c\\* \\`d\\` www\\.e.com f\\@g \\&amp;\n');
    expect(
      markdownOf(
        document([
          { kind: 'paragraph', text: '- a' },
          { kind: 'paragraph', text: '1. b' },
        ]),
      ),
    ).toContain('\\- a\n\n1\\. b\n');
  });
});

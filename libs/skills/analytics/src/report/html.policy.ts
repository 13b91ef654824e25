// A report as one HTML file: no scripts, no links to elsewhere, pictures inside. All texts are escaped; there is no other
// way for foreign text into it, and a browser is told to load nothing.
import { type Block, dayOf, type DocumentLights, type DocumentTable, type ReportDocument } from '../print/document.js';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters, which HTML does not have, become U+FFFD. */
const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '\ufffd')
    .replaceAll(/[&<>"']/g, (char) => entities[char] ?? char);

const tag = (name: string, content: string, attributes = ''): string => `<${name}${attributes}>${content}</${name}>`;

const cell = (text: string | null, isNumeric: boolean): string => {
  const style = isNumeric ? ' class="number"' : '';
  return text === null ? `<td${style}><span class="null">NULL</span></td>` : tag('td', escaped(text), style);
};

const tableOf = ({ columns, rows }: DocumentTable): string => {
  const heads = columns.map(({ name, isNumeric }) =>
    tag('th', escaped(name), ` scope="col"${isNumeric ? ' class="number"' : ''}`),
  );
  const lines = rows.map((row) =>
    tag('tr', row.map((text, at) => cell(text, columns[at]?.isNumeric === true)).join('')),
  );
  return `<div class="wide"><table><thead>${tag('tr', heads.join(''))}</thead><tbody>\n${lines.join('\n')}\n</tbody></table></div>`;
};

const lightsOf = ({ items }: DocumentLights): string => {
  const lines = items.map(({ name, state, isOn, text }) => {
    const light = `<span class="light ${isOn ? 'on' : 'off'}" aria-hidden="true"></span>`;
    return tag('li', `${light}${tag('strong', escaped(name))} ${escaped(state)}: ${escaped(text)}`);
  });
  return tag('ul', lines.join(''), ' class="lights"');
};

const blockOf = (block: Block): string => {
  switch (block.kind) {
    case 'paragraph':
      return tag('p', escaped(block.text), ' dir="auto"');
    case 'list':
      return tag('ul', block.items.map((item) => tag('li', escaped(item), ' dir="auto"')).join(''));
    case 'note':
      return tag('p', escaped(block.text), ' class="note" dir="auto"');
    case 'lights':
      return lightsOf(block);
    case 'table':
      return tableOf(block);
    case 'picture': {
      const data = Buffer.from(block.png).toString('base64');
      return `<img src="data:image/png;base64,${data}" width="${block.width}" height="${block.height}" alt="${escaped(block.alt)}">`;
    }
  }
};

const style = `
  :root { color-scheme: light; }
  body { font: 16px/1.5 Arimo, Arial, "Liberation Sans", Helvetica, sans-serif; color: #1f2328; background: #fff; max-width: 860px; margin: 0 auto; padding: 32px 20px 64px; overflow-wrap: anywhere; }
  h1 { font-size: 32px; line-height: 1.2; margin: 0 0 8px; }
  h2 { font-size: 22px; line-height: 1.3; margin: 48px 0 12px; padding-top: 16px; border-top: 1px solid #d0d7de; }
  .subtitle { font-size: 19px; color: #57606a; margin: 0 0 8px; }
  .made, .note, .evidence { color: #57606a; font-size: 14px; }
  nav ol { padding-left: 24px; }
  a { color: #0072b2; }
  img { max-width: 100%; height: auto; display: block; margin: 16px 0; }
  .wide { overflow-x: auto; margin: 16px 0; }
  table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
  th, td { padding: 5px 12px 5px 0; text-align: left; vertical-align: top; border-bottom: 1px solid #e6e8eb; }
  th { border-bottom: 2px solid #8c959f; }
  .number { text-align: right; white-space: nowrap; }
  .lights { list-style: none; padding: 0; }
  .light { display: inline-block; width: 10px; height: 10px; margin-right: 8px; border: 2px solid; }
  .light.on { color: #007a58; background: #007a58; border-radius: 50%; }
  .light.off { color: #b34700; }
  .null { color: #8c959f; }
  @media print { h2 { break-after: avoid; } img, tr { break-inside: avoid; } thead { display: table-header-group; } }
`;

const headOf = (report: ReportDocument): string => {
  const { title, subtitle, author, evidence } = report;
  const made = [author, dayOf(report)]
    .filter((part) => part !== undefined && part !== '')
    .map((part) => escaped(part ?? ''));
  return [
    tag('h1', escaped(title), ' dir="auto"'),
    subtitle === undefined ? '' : tag('p', escaped(subtitle), ' class="subtitle" dir="auto"'),
    tag('p', made.join(' · '), ' class="made"'),
    evidence.length === 0
      ? ''
      : tag('ul', evidence.map((line) => tag('li', escaped(line))).join(''), ' class="evidence"'),
  ].join('\n');
};

const contentsOf = ({ sections }: ReportDocument): string => {
  const items = sections.map(({ heading }, at) => tag('li', `<a href="#section-${at + 1}">${escaped(heading)}</a>`));
  return `<nav aria-label="Contents"><ol>\n${items.join('\n')}\n</ol></nav>`;
};

/** The whole file. */
export const htmlOf = (report: ReportDocument): string => {
  const sections = report.sections.map(({ heading, blocks }, at) => {
    const head = tag('h2', escaped(heading), ` id="section-${at + 1}" dir="auto"`);
    return tag('section', `\n${head}\n${blocks.map(blockOf).join('\n')}\n`);
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(report.title)}</title>
<style>${style}</style>
</head>
<body>
<header>
${headOf(report)}
${contentsOf(report)}
</header>
<main>
${sections.join('\n')}
</main>
</body>
</html>
`;
};

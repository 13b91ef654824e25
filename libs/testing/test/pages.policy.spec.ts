import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '');
const folders = files.flatMap((file) => file.split('/').map((_, n, parts) => parts.slice(0, n).join('/')));
const places = new Set(['.', ...files, ...folders]);
const pages = files.filter((file) => file.endsWith('.md'));

const textOf = (page: string): string => readFileSync(join(root, page), 'utf8');
const withoutCode = (text: string): string => text.replaceAll(/^```.*?^```/gms, '');

const linksIn = (page: string): string[] =>
  [...withoutCode(textOf(page)).matchAll(/\]\(<?([^)\s#>]+)[^)]*\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link));

const targetOf = (page: string, link: string): string =>
  normalize(join(dirname(page), decodeURIComponent(link))).replace(/\/$/, '');

/** Names of files in a page's inline code: `tasks/intake.ts`. */
const namedIn = (page: string): string[] =>
  [...withoutCode(textOf(page)).matchAll(/`([\w./-]*\w\.(?:ts|mjs|json|yml|md|py))`/g)].map(([, name = '']) => name);

/** A page names files as they are seen from its folder, or from the root. */
const exists = (page: string, name: string): boolean => {
  const folder = dirname(page);
  const known = folder === '.' ? files : files.filter((file) => file.startsWith(`${folder}/`));
  return files.includes(name) || known.some((file) => `/${file}`.endsWith(`/${name}`));
};

// What was decided, and what changed, is not rewritten when a file moves.
const isHistory = (page: string): boolean => page === 'CHANGELOG.md' || page.startsWith('libs/decisions/0');

// Files that a reader is to write, or that are made at run time.
const examples = new Set([
  'main.ts',
  'index.ts',
  'package.json',
  '1-users.json',
  '2-definitions.json',
  'broken.json',
  'changes.json',
  'changes.md',
  'data-dictionary.md',
  'reference.md',
  'database.json',
  'deployment.json',
  '.vscode/mcp.json',
]);

const words = (text: string): number =>
  withoutCode(text)
    .split('\n')
    .filter((line) => !line.startsWith('|'))
    .join(' ')
    .split(/\s+/)
    .filter((word) => /\w/.test(word)).length;

describe('the pages', () => {
  it.each(pages)('%s links only to what exists', (page) => {
    expect(linksIn(page).filter((link) => !places.has(targetOf(page, link)))).toEqual([]);
  });

  it.each(pages.filter((page) => !isHistory(page)))('%s names only files that exist', (page) => {
    expect(namedIn(page).filter((name) => !examples.has(name) && !exists(page, name))).toEqual([]);
  });

  it('the README fits into a few minutes', () => {
    expect(words(textOf('README.md'))).toBeLessThan(1_500);
  });

  it('the way of a task names the files of each process that it passes', () => {
    const linked = linksIn('apps/README.md').map((link) => targetOf('apps/README.md', link));
    expect(linked.length).toBeGreaterThan(70);
    for (const part of ['apps/gateway/', 'apps/router/', 'libs/agent-runtime/', 'libs/context-bus/', 'libs/messaging/'])
      expect(linked.some((file) => file.startsWith(part))).toBe(true);
  });
});

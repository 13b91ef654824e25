// usage: node deploy/local/count.mjs [--way] [folder of another checkout]
// Prints how the product is cut: files, lines, sizes, import circles; with --way also which files one task passes.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { wayOfATask } from './count/way.mjs';
import { workspaceRoot } from './workspace.mjs';

const args = process.argv.slice(2);
const root = resolve(args.find((arg) => !arg.startsWith('--')) ?? workspaceRoot);

// Specs, what they need, and harnesses are no product.
const notProduct = [/\/test\//, /\.(?:e2e-)?spec\.ts$/, /^apps\/(?:bench|chaos)\//, /^libs\/(?:harness|testing)\//];

const isProduct = (file) => !notProduct.some((pattern) => pattern.test(file));

const product = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'apps', 'libs', 'migrations'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file.endsWith('.ts') && isProduct(file) && existsSync(join(root, file)));

const texts = new Map(product.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
const lines = product.map((file) => texts.get(file).split('\n').length - 1).sort((a, b) => a - b);
const quantile = (share) => lines[Math.min(lines.length - 1, Math.floor(lines.length * share))];

const importsOf = (file) =>
  [...texts.get(file).matchAll(/^(?:import|export) [^;]*?from '(\.{1,2}\/[^']+)\.js';/gm)]
    .map(([, specifier]) => `${normalize(join(dirname(file), specifier))}.ts`)
    .filter((target) => texts.has(target));

/** Groups of nodes that reach one another (Tarjan 1972), those of one node left out. */
function circles(nodes, edgesOf) {
  const index = new Map();
  const low = new Map();
  const stack = [];
  const found = [];
  const visit = (node) => {
    index.set(node, index.size);
    low.set(node, index.get(node));
    stack.push(node);
    for (const next of edgesOf(node)) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(node, Math.min(low.get(node), low.get(next)));
    }
    if (low.get(node) !== index.get(node)) return;
    const group = stack.splice(stack.indexOf(node));
    if (group.length > 1) found.push(group);
  };
  for (const node of nodes) if (!index.has(node)) visit(node);
  return found;
}

const fileCircles = circles(product, importsOf);

// The files of a project's own root stand above its folders: only folders are compared.
const folderEdges = new Map();
for (const file of product) {
  for (const target of importsOf(file)) {
    const [from, to] = [dirname(file), dirname(target)];
    if (from !== to && !from.endsWith('/src') && !to.endsWith('/src')) {
      folderEdges.set(from, (folderEdges.get(from) ?? new Set()).add(to));
    }
  }
}
const folderCircles = circles([...folderEdges.keys()], (folder) => folderEdges.get(folder) ?? []);

const short = product.filter((file) => texts.get(file).split('\n').length - 1 < 15);
const rows = [
  ['product files', product.length],
  ['product lines', lines.reduce((sum, count) => sum + count, 0)],
  ['median lines', quantile(0.5)],
  ['p90 lines', quantile(0.9)],
  ['longest', lines.at(-1)],
  ['files under 15 lines', `${short.length} (${((100 * short.length) / product.length).toFixed(1)} %)`],
  ['import circles between files', fileCircles.length],
  ['import circles between folders', folderCircles.length],
];
for (const [name, value] of rows) process.stdout.write(`${name.padEnd(34)}${value}\n`);
for (const group of [...fileCircles, ...folderCircles]) process.stdout.write(`circle: ${group.join(' <-> ')}\n`);
if (args.includes('--short')) process.stdout.write(`${short.join('\n')}\n`);

if (args.includes('--way')) {
  const way = await wayOfATask(root);
  process.stdout.write(`${'files on the way of one task'.padEnd(34)}${way.length}\n${way.join('\n')}\n`);
}
process.exitCode = fileCircles.length + folderCircles.length === 0 ? 0 : 1;

// The graph as SVG: a column for each level, the same picture on every machine.
import type { GraphNode } from '@pulser/contracts';

import type { Graph } from './graph.policy.js';

const box = { width: 200, height: 52, gapX: 70, gapY: 24, margin: 16 } as const;
/** Characters that fit into a box. */
const maxLine = 30;

const escaped = (text: string): string => text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);

const shortened = (text: string): string => {
  const characters = Array.from(text.replace(/\p{Cc}/gu, ' '));
  return characters.length > maxLine ? `${characters.slice(0, maxLine - 1).join('')}…` : characters.join('');
};

interface Placed {
  readonly node: GraphNode;
  readonly x: number;
  readonly y: number;
}

const placedNodes = (nodes: readonly GraphNode[]): ReadonlyMap<string, Placed> => {
  const used = new Map<number, number>();
  return new Map(
    nodes.map((node) => {
      const row = used.get(node.level) ?? 0;
      used.set(node.level, row + 1);
      const x = box.margin + node.level * (box.width + box.gapX);
      return [node.name, { node, x, y: box.margin + row * (box.height + box.gapY) }] as const;
    }),
  );
};

const nodeSvg = ({ node, x, y }: Placed): string => {
  const radius = node.kind === 'wait' ? 26 : 8;
  const second = node.is_map
    ? `<rect x="${x + 4}" y="${y + 4}" width="${box.width}" height="${box.height}" rx="${radius}" fill="none" stroke="#8792a2"/>`
    : '';
  return (
    `${second}<rect x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="${radius}" fill="#ffffff" stroke="#3c4657"` +
    `${node.has_condition ? ' stroke-dasharray="5 3"' : ''}/>` +
    `<text x="${x + 12}" y="${y + 22}" font-weight="600">${escaped(shortened(node.name))}</text>` +
    `<text x="${x + 12}" y="${y + 40}" fill="#56606f">${escaped(shortened(node.label))}</text>`
  );
};

const edgeSvg = (from: Placed, to: Placed): string => {
  const [x1, y1] = [from.x + box.width, from.y + box.height / 2];
  const [x2, y2] = [to.x - 6, to.y + box.height / 2];
  const bend = (x2 - x1) / 2;
  return `<path d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}" fill="none" stroke="#3c4657" marker-end="url(#end)"/>`;
};

const arrow =
  '<defs><marker id="end" viewBox="0 0 8 8" refX="4" refY="4" markerWidth="8" markerHeight="8" orient="auto">' +
  '<path d="M0 0L8 4L0 8z" fill="#3c4657"/></marker></defs>';

/** Names and labels are text in it, whatever they hold. */
export const svgOf = ({ nodes, edges }: Graph): string => {
  const placed = placedNodes(nodes);
  const all = [...placed.values()];
  const width = Math.max(...all.map(({ x }) => x)) + box.width + box.margin;
  const height = Math.max(...all.map(({ y }) => y)) + box.height + box.margin;
  const lines = edges.flatMap(({ from, to }) => {
    const [start, end] = [placed.get(from), placed.get(to)];
    return start === undefined || end === undefined ? [] : [edgeSvg(start, end)];
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `font-family="Arimo, Arial, sans-serif" font-size="13">${arrow}${lines.join('')}${all.map(nodeSvg).join('')}</svg>`
  );
};

// How big the boxes of a graph are, before they have a place.
import type { Shape } from './graph-layout.policy.js';
import type { Part } from './graph-parts.policy.js';

const box = { width: 184, height: 60 } as const;

/** Squares of the tasks of a map, in rows; as in `steps-graph.css`. */
const square = { perRow: 9, size: 18 } as const;

export const shapeOf = ({ id, items, parts }: Part): Shape => ({
  id,
  width: box.width,
  height: items.length === 0 ? box.height : box.height + Math.ceil(items.length / square.perRow) * square.size + 6,
  inner: parts.map(shapeOf),
});

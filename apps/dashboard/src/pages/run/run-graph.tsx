import './run.css';

import type { GraphNode } from '@pulser/contracts';

import { box, drawingOf, type DrawnNode } from './run-layout.policy.js';

interface RunGraphProps {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly { readonly from: string; readonly to: string }[];
}

/** Steps and what they need, from left to right. The table beside it says the same in words. */
export const RunGraph = ({ nodes, edges }: RunGraphProps) => {
  const drawing = drawingOf({ nodes, edges });
  return (
    <div className="run-graph" role="group" aria-label="Graph of the steps" tabIndex={0}>
      <svg width={drawing.width} height={drawing.height} aria-hidden="true">
        {drawing.edges.map(({ id, path }) => (
          <path key={id} d={path} className="run-edge" />
        ))}
        {drawing.nodes.map((node) => (
          <Box key={node.id} node={node} />
        ))}
      </svg>
    </div>
  );
};

const shortened = (text: string): string => (text.length > 26 ? `${text.slice(0, 25)}…` : text);

const Box = ({ node: { title, label, status, isMap, isOptional, x, y } }: { readonly node: DrawnNode }) => (
  <g className={`run-step run-step-${status ?? 'none'}`} transform={`translate(${x} ${y})`}>
    {isMap && <rect x={4} y={4} width={box.width} height={box.height} rx={8} className="run-step-behind" />}
    <rect width={box.width} height={box.height} rx={8} className={isOptional ? 'run-step-optional' : ''} />
    <text x={12} y={22} className="run-step-name">
      {shortened(title)}
    </text>
    <text x={12} y={41} className="run-step-label">
      {shortened(status === undefined ? label : `${status} · ${label}`)}
    </text>
  </g>
);

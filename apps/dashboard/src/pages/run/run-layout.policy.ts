// Where the steps of a graph stand: a column for each level, and from a hundred on a box for each level instead of its steps.
import type { GraphNode, StepStatus } from '@pulser/contracts';

export const box = { width: 190, height: 54, gapX: 56, gapY: 18, margin: 12 } as const;

/** Steps that are drawn one by one at most. */
export const maxDrawn = 100;

export interface DrawnNode {
  readonly id: string;
  readonly title: string;
  readonly label: string;
  readonly status: StepStatus | undefined;
  readonly isMap: boolean;
  readonly isOptional: boolean;
  readonly x: number;
  readonly y: number;
}

export interface Drawing {
  readonly nodes: readonly DrawnNode[];
  readonly edges: readonly { readonly id: string; readonly path: string }[];
  readonly width: number;
  readonly height: number;
}

interface Given {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly { readonly from: string; readonly to: string }[];
}

// What needs a look comes first.
const order: readonly StepStatus[] = ['failed', 'running', 'pending', 'cancelled', 'completed', 'skipped'];

const worstOf = (nodes: readonly GraphNode[]): StepStatus | undefined =>
  order.find((status) => nodes.some((node) => node.status === status));

/** The levels as nodes, when there are too many steps to be seen. */
const collapsed = ({ nodes, edges }: Given): Given => {
  const byLevel = Map.groupBy(nodes, ({ level }) => level);
  const levelOf = new Map(nodes.map(({ name, level }) => [name, level]));
  const pairs = new Set(edges.map(({ from, to }) => `${levelOf.get(from) ?? 0} ${levelOf.get(to) ?? 0}`));
  return {
    nodes: [...byLevel].map(([level, own]) => {
      const status = worstOf(own);
      const label = `${own.length} steps`;
      const base = { name: `level_${level}`, kind: 'task' as const, label, is_map: own.length > 1, level };
      return { ...base, has_condition: false, ...(status !== undefined && { status }) };
    }),
    edges: [...pairs].map((pair) => {
      const [from = '', to = ''] = pair.split(' ');
      return { from: `level_${from}`, to: `level_${to}` };
    }),
  };
};

const edgePath = (from: DrawnNode, to: DrawnNode): string => {
  const [x1, y1, x2, y2] = [from.x + box.width, from.y + box.height / 2, to.x, to.y + box.height / 2];
  const bend = Math.max(20, (x2 - x1) / 2);
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
};

export const drawingOf = (graph: Given): Drawing => {
  const { nodes, edges } = graph.nodes.length > maxDrawn ? collapsed(graph) : graph;
  const used = new Map<number, number>();
  const drawn = nodes.map((node): DrawnNode => {
    const row = used.get(node.level) ?? 0;
    used.set(node.level, row + 1);
    return {
      id: node.name,
      title: node.name,
      label: node.label,
      status: node.status,
      isMap: node.is_map,
      isOptional: node.has_condition,
      x: box.margin + node.level * (box.width + box.gapX),
      y: box.margin + row * (box.height + box.gapY),
    };
  });
  const byId = new Map(drawn.map((node) => [node.id, node]));
  return {
    nodes: drawn,
    edges: edges.flatMap(({ from, to }) => {
      const [start, end] = [byId.get(from), byId.get(to)];
      return start === undefined || end === undefined ? [] : [{ id: `${from} ${to}`, path: edgePath(start, end) }];
    }),
    width: Math.max(...drawn.map(({ x }) => x)) + box.width + box.margin,
    height: Math.max(...drawn.map(({ y }) => y)) + box.height + box.margin,
  };
};

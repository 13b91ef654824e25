// The boxes of a graph: its steps, what is in those that are open, and above a hundred a box for several steps each.
import type { GraphNode, RunStep, StepStatus } from '@pulser/contracts';

import {
  contentPath,
  type GraphEdge,
  type GraphSource,
  maxItems,
  type StepContent,
  stepPlace,
} from './graph-source.js';

/** Boxes that are drawn without being asked for. */
export const maxDrawn = 100;

/** Groups into which the steps of a bigger graph are laid. */
const maxGroups = 20;

/** Workflows within workflows that are opened without being asked for. */
const maxDepth = 1;

export interface PartItem {
  readonly index: number;
  readonly status: 'open' | 'completed' | 'failed' | 'cancelled';
}

/** A box, with what is in it. */
export interface Part {
  /** The names of the steps on the way to it: `report/draw`. */
  readonly id: string;
  readonly title: string;
  readonly label: string;
  readonly status: StepStatus | undefined;
  readonly isMap: boolean;
  readonly isOptional: boolean;
  readonly place: string | undefined;
  /** Undefined: nothing is in it. */
  readonly fold: 'open' | 'closed' | undefined;
  readonly items: readonly PartItem[];
  readonly parts: readonly Part[];
}

export interface Drawing {
  readonly parts: readonly Part[];
  readonly edges: readonly GraphEdge[];
  /** Where the content of what is open is, by the id of the box. */
  readonly wanted: ReadonlyMap<string, string>;
}

interface Given {
  readonly source: GraphSource;
  readonly contents: ReadonlyMap<string, StepContent>;
  /** What was opened or closed by hand. */
  readonly chosen: ReadonlyMap<string, boolean>;
}

// What needs a look comes first.
const order: readonly StepStatus[] = ['failed', 'running', 'pending', 'cancelled', 'completed', 'skipped'];

const worstOf = (parts: readonly Part[]): StepStatus | undefined =>
  order.find((status) => parts.some((part) => part.status === status));

const countsOf = ({ total, completed, failed }: RunStep): string =>
  `${completed} of ${total ?? 0}${failed > 0 ? `, ${failed} failed` : ''}`;

/** Counts the boxes, and opens what there is room for. */
class Pen {
  readonly edges: GraphEdge[] = [];
  readonly wanted = new Map<string, string>();
  private left = maxDrawn;

  constructor(private readonly given: Given) {}

  partsOf(source: GraphSource, prefix: string, depth: number): Part[] {
    this.left -= source.nodes.length;
    this.edges.push(...source.edges.map(({ from, to }) => ({ from: prefix + from, to: prefix + to })));
    const byLevel = source.nodes.toSorted((a, b) => a.level - b.level);
    return byLevel.map((node) => this.part(source, node, prefix, depth));
  }

  private part(source: GraphSource, node: GraphNode, prefix: string, depth: number): Part {
    const id = prefix + node.name;
    const path = contentPath(source, node);
    const step = source.run?.steps.get(node.name);
    const content = this.given.contents.get(id);
    const isOpen = path !== undefined && this.isOpen(id, sizeOf(content, step), depth);
    if (isOpen && content?.kind !== 'steps') this.left -= sizeOf(content, step);
    if (isOpen) this.wanted.set(id, path);
    const shown = isOpen ? content : undefined;
    return {
      id,
      title: node.name,
      label: node.is_map && step?.total != null ? countsOf(step) : node.label,
      status: node.status,
      isMap: node.is_map,
      isOptional: node.has_condition,
      place: stepPlace(source, node),
      fold: path === undefined ? undefined : isOpen ? 'open' : 'closed',
      items: shown?.kind === 'items' ? shown.items.map(({ index, status }) => ({ index, status })) : [],
      parts: shown?.kind === 'steps' ? this.partsOf(shown.source, `${id}/`, depth + 1) : [],
    };
  }

  private isOpen(id: string, size: number, depth: number): boolean {
    return this.given.chosen.get(id) ?? (depth < maxDepth && size <= this.left);
  }
}

/** Boxes that are in a step, as far as it is known; the steps of a workflow are subtracted where they are drawn. */
const sizeOf = (content: StepContent | undefined, step: RunStep | undefined): number =>
  content?.kind === 'steps' ? content.source.nodes.length : Math.min(maxItems, step?.total ?? 0);

/** Neighbouring levels together, such that there are few boxes; each can be opened. */
const grouped = (parts: readonly Part[], groupOf: (id: string) => string, chosen: Given['chosen']): Part[] =>
  [...Map.groupBy(parts, ({ id }) => groupOf(id))].map(([id, own]) => {
    const isOpen = chosen.get(id) ?? false;
    const [first, last] = [own.at(0)?.title ?? '', own.at(-1)?.title ?? ''];
    return {
      id,
      title: first === last ? first : `${first} … ${last}`,
      label: own.length === 1 ? '1 step' : `${own.length} steps`,
      status: worstOf(own),
      ...{ isMap: true, isOptional: false, place: undefined, items: [] },
      fold: isOpen ? 'open' : 'closed',
      parts: isOpen ? own : [],
    };
  });

const idsIn = (parts: readonly Part[]): string[] => parts.flatMap(({ id, parts: own }) => [id, ...idsIn(own)]);

/** Between what is drawn: a box that is closed stands for what is in it. */
const lifted = (
  edges: readonly GraphEdge[],
  drawn: ReadonlySet<string>,
  groupOf: (id: string) => string,
): GraphEdge[] => {
  const standsFor = (id: string): string => (drawn.has(id) ? id : groupOf(id));
  const pairs = edges.map(({ from, to }) => ({ from: standsFor(from), to: standsFor(to) }));
  const kept = pairs.filter(({ from, to }) => from !== to && drawn.has(from) && drawn.has(to));
  return [...new Map(kept.map((edge) => [`${edge.from} ${edge.to}`, edge])).values()];
};

export const drawingOf = (given: Given): Drawing => {
  const { source, chosen } = given;
  const pen = new Pen(given);
  const parts = pen.partsOf(source, '', 0);
  if (source.nodes.length <= maxDrawn) return { parts, edges: pen.edges, wanted: pen.wanted };
  const levels = new Map(source.nodes.map(({ name, level }) => [name, level]));
  const perGroup = Math.ceil((Math.max(...levels.values()) + 1) / maxGroups);
  const groupOf = (id: string): string => `levels ${Math.floor((levels.get(id) ?? 0) / perGroup) + 1}`;
  const groups = grouped(parts, groupOf, chosen);
  return { parts: groups, edges: lifted(pen.edges, new Set(idsIn(groups)), groupOf), wanted: pen.wanted };
};

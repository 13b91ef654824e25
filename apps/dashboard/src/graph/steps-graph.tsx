// The graph of a definition or of a run as it goes: React Flow draws, a worker lays out. The table of a run says the same in words.
import '@xyflow/react/dist/base.css';
import './steps-graph.css';

import { type Edge, MarkerType, Panel, ReactFlow, ReactFlowProvider, useReactFlow, useStore } from '@xyflow/react';
import { type FocusEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';

import { IconButton } from '../ui/button.js';
import { Skeleton } from '../ui/skeleton.js';
import type { Layout } from './graph-layout.policy.js';
import { type Drawing, drawingOf, type Part } from './graph-parts.policy.js';
import type { GraphEdge, GraphSource, StepContent } from './graph-source.js';
import { shapeOf } from './graph-shapes.policy.js';
import { type StepFlowNode, StepNode } from './step-node.js';
import { useContents } from './use-contents.js';
import { useLayout } from './use-layout.js';
import { useWidth } from './use-width.js';

type Fold = (id: string, isOpen: boolean) => void;

const none: ReadonlyMap<string, StepContent> = new Map();

/** The boxes, with what is in the open ones as soon as it is there. */
const useDrawing = (source: GraphSource): { drawing: Drawing; fold: Fold } => {
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [asked, setAsked] = useState<ReadonlyMap<string, string>>(
    () => drawingOf({ source, contents: none, chosen }).wanted,
  );
  const contents = useContents(asked);
  const drawing = drawingOf({ source, contents, chosen });
  // What comes can have something in it that is open, too. What was asked for once stays: whether it fits is known by it.
  const wanted = JSON.stringify([...drawing.wanted]);
  useEffect(() => {
    setAsked((before) => new Map([...before, ...(JSON.parse(wanted) as [string, string][])]));
  }, [wanted]);
  const fold: Fold = (id, isOpen) => {
    setChosen((before) => new Map([...before, [id, isOpen]]));
  };
  return { drawing, fold };
};

/** Pixels until the width is known, and those below which steps stand one below the other. */
const [usualWidth, narrow] = [1_000, 560];

/** Part of the width that is left free on each side. */
const side = 0.04;

// Below, the buttons stand beside the steps and not on them.
const fitting = { padding: { x: '4%', top: '24px', bottom: '56px' }, maxZoom: 1, minZoom: 0.5 } as const;

/** Pixels of the graph as it fits into the width: not so few that it looks lost, nor the whole page. */
const heightOf = (layout: Layout, width: number): number => {
  const zoom = Math.min(fitting.maxZoom, Math.max(fitting.minZoom, (width * (1 - 2 * side)) / layout.width));
  return Math.round(Math.min(640, Math.max(160, layout.height * zoom + 96)));
};

const StepsGraph = ({ source }: { readonly source: GraphSource }) => {
  const { drawing, fold } = useDrawing(source);
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame) ?? usualWidth;
  const direction = width < narrow ? 'TB' : 'LR';
  const layout = useLayout({ shapes: drawing.parts.map(shapeOf), edges: drawing.edges, direction });
  return (
    <div ref={frame} className="steps-graph">
      {layout === undefined ? (
        <Skeleton width="100%" height="180px" />
      ) : (
        <ReactFlowProvider>
          <Flow drawing={drawing} layout={layout} direction={direction} fold={fold} height={heightOf(layout, width)} />
        </ReactFlowProvider>
      )}
    </div>
  );
};

export default StepsGraph;

interface FlowProps {
  readonly drawing: Drawing;
  readonly layout: Layout;
  readonly direction: 'LR' | 'TB';
  readonly fold: Fold;
  /** In pixels. */
  readonly height: number;
}

const nodeTypes = { step: StepNode };

const nodesOf = ({ drawing, layout, direction, fold }: FlowProps): StepFlowNode[] => {
  const places = new Map(layout.placed.map((one) => [one.id, one]));
  const nodeOf = (part: Part, parentId?: string): StepFlowNode[] => {
    const place = places.get(part.id);
    // Opened just now: its layout is on the way.
    if (place === undefined) return [];
    const { x, y, width, height } = place;
    return [
      {
        ...{ id: part.id, type: 'step', position: { x, y }, width, height },
        ...(parentId !== undefined && { parentId }),
        data: { part, direction, onFold: fold },
      },
      ...part.parts.flatMap((inner) => nodeOf(inner, part.id)),
    ];
  };
  return drawing.parts.flatMap((part) => nodeOf(part));
};

const edgeOf = ({ from, to }: GraphEdge): Edge => ({
  ...{ id: `${from} ${to}`, source: from, target: to, ariaLabel: `${from} before ${to}` },
  markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14 },
});

/** Pixels by a press of an arrow. */
const step = 60;

const moves: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [step, 0],
  ArrowRight: [-step, 0],
  ArrowUp: [0, step],
  ArrowDown: [0, -step],
};

const Flow = (props: FlowProps) => {
  const { drawing, layout, height } = props;
  const flow = useReactFlow<StepFlowNode>();
  const frame = useStore(({ width, height: drawnHeight }) => `${width} ${drawnHeight}`);
  const nodes = nodesOf(props);
  const drawn = new Set(nodes.map(({ id }) => id));
  const edges = drawing.edges.filter(({ from, to }) => drawn.has(from) && drawn.has(to)).map(edgeOf);
  useEffect(() => {
    void flow.fitView(fitting);
    // Its size as the flow knows it: fitted before, it would be cut off.
  }, [flow, layout, frame]);
  const move = (event: KeyboardEvent): void => {
    const by = moves[event.key];
    if (by === undefined || event.target !== event.currentTarget) return;
    event.preventDefault();
    const { x, y, zoom } = flow.getViewport();
    void flow.setViewport({ x: x + by[0], y: y + by[1], zoom });
  };
  const show = ({ target, currentTarget }: FocusEvent<HTMLElement>): void => {
    const id = target.closest<HTMLElement>('.react-flow__node')?.dataset['id'];
    if (id === undefined || !target.matches(':focus-visible') || isWithin(target, currentTarget)) return;
    const zoom = flow.getZoom();
    void flow.fitView({ nodes: [{ id }], minZoom: zoom, maxZoom: zoom });
  };
  return (
    <div
      className="steps-graph-frame"
      role="group"
      aria-label="Graph of the steps"
      tabIndex={0}
      style={{ height }}
      onKeyDown={move}
      onFocus={show}
    >
      <ReactFlow<StepFlowNode>
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        fitView
        fitViewOptions={fitting}
        minZoom={0.2}
        maxZoom={1.5}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        zoomOnScroll={false}
        zoomOnDoubleClick={false}
        preventScrolling={false}
        // Space, Shift and the rest are the page's.
        panActivationKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        deleteKeyCode={null}
        disableKeyboardA11y
      >
        <Zoom />
      </ReactFlow>
    </div>
  );
};

const isWithin = (inner: HTMLElement, outer: HTMLElement): boolean => {
  const [a, b] = [inner.getBoundingClientRect(), outer.getBoundingClientRect()];
  return a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom;
};

const Zoom = () => {
  const flow = useReactFlow();
  return (
    <Panel position="bottom-left" className="graph-zoom">
      <IconButton icon="plus" label="Closer" size="s" onPress={() => void flow.zoomIn()} />
      <IconButton icon="minus" label="Further" size="s" onPress={() => void flow.zoomOut()} />
      <IconButton icon="fit" label="All of it" size="s" onPress={() => void flow.fitView(fitting)} />
    </Panel>
  );
};

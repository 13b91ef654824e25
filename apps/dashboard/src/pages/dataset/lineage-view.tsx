import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import { PlaceLink } from '../../app/place-link.js';
import { AgentAvatar } from '../../ui/agent.js';
import { ErrorState } from '../../ui/error-state.js';
import { Icon, type IconName } from '../../ui/icon.js';
import { Skeleton } from '../../ui/skeleton.js';
import { StatusBadge } from '../../ui/status-badge.js';
import { lineageQuery, shownReaders } from './dataset-queries.js';
import {
  boxHeight,
  boxWidth,
  type Lineage,
  type LineageKind,
  type LineageNode,
  lineageOf,
  placed,
  type PlacedNode,
} from './lineage.policy.js';

const icons: Readonly<Record<LineageKind, IconName>> = {
  dataset: 'datasets',
  upload: 'upload',
  artifact: 'download',
  task: 'bolt',
  elsewhere: 'external',
  more: 'dots',
};

interface LineageViewProps {
  readonly name: string;
  readonly version: number;
}

/** Which task made a version from what, and who has read it since. */
export const LineageView = ({ name, version }: LineageViewProps) => {
  const { data, error, refetch } = useQuery(lineageQuery(name, version));
  const lineage = useMemo(() => (data === undefined ? undefined : lineageOf(data, shownReaders)), [data]);
  if (lineage === undefined) {
    return error === null ? (
      <Skeleton width="100%" height="200px" />
    ) : (
      <ErrorState error={error} onRetry={() => void refetch()} />
    );
  }
  return (
    <div className="lineage">
      <Graph lineage={lineage} />
      <Levels lineage={lineage} />
      <p className="muted">
        Followed back over three datasets at most. Of the tasks that read the version, the last 100 are known.
      </p>
    </div>
  );
};

const middleOf = ({ y }: PlacedNode): number => y + boxHeight / 2;

/** A line from the right end of one box to the left end of another. */
const lineBetween = (from: PlacedNode, to: PlacedNode): string => {
  const [x1, x2] = [from.x + boxWidth, to.x - 5];
  const bend = Math.max(16, (x2 - x1) / 2);
  return `M${x1} ${middleOf(from)}C${x1 + bend} ${middleOf(from)} ${x2 - bend} ${middleOf(to)} ${x2} ${middleOf(to)}`;
};

/** Where there is room for it: boxes in columns, from left to right. */
const Graph = ({ lineage }: { readonly lineage: Lineage }) => {
  const { boxes, width, height } = useMemo(() => placed(lineage), [lineage]);
  const byId = useMemo(() => new Map(boxes.map((box) => [box.id, box])), [boxes]);
  return (
    <div className="lineage-graph" tabIndex={0} role="group" aria-label="Lineage">
      <div className="lineage-field" style={{ width: `${width}px`, height: `${height}px` }}>
        <svg className="lineage-lines" width={width} height={height} aria-hidden="true">
          <defs>
            <marker id="lineage-tip" viewBox="0 0 8 8" refX="2" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path className="lineage-tip" d="M0 0 8 4 0 8z" />
            </marker>
          </defs>
          {lineage.edges.map((edge) => {
            const [from, to] = [byId.get(edge.from), byId.get(edge.to)];
            return from === undefined || to === undefined ? null : (
              <path key={`${edge.from} ${edge.to}`} d={lineBetween(from, to)} markerEnd="url(#lineage-tip)" />
            );
          })}
        </svg>
        {boxes.map((box) => (
          <div
            key={box.id}
            className="lineage-box"
            style={{ left: `${box.x}px`, top: `${box.y}px`, width: `${boxWidth}px`, height: `${boxHeight}px` }}
          >
            <Box node={box} />
          </div>
        ))}
      </div>
    </div>
  );
};

const levelTitle = (level: number): string => {
  if (level > 0) return 'Read by';
  if (level === 0) return 'This version';
  return level % 2 === 0 ? 'Made from' : 'Made by';
};

/** The same on a narrow screen: level by level, from this version back. */
const Levels = ({ lineage: { nodes } }: { readonly lineage: Lineage }) => {
  const levels = [...Map.groupBy(nodes, ({ level }) => level)].sort(([a], [b]) => b - a);
  return (
    <ol className="lineage-levels">
      {levels.map(([level, of]) => (
        <li key={level}>
          <h3>{levelTitle(level)}</h3>
          {of.map((node) => (
            <Box key={node.id} node={node} />
          ))}
        </li>
      ))}
    </ol>
  );
};

const Box = ({ node }: { readonly node: LineageNode }) => {
  const { kind, title, hint, place, level, status, agent } = node;
  const className = `lineage-node lineage-${kind}${level === 0 ? ' lineage-start' : ''}`;
  const content = (
    <>
      {agent === undefined ? <Icon name={icons[kind]} /> : <AgentAvatar agent={agent} size={18} />}
      <span className="lineage-text">
        <span className="lineage-title truncate" title={title}>
          {title}
        </span>
        <span className="lineage-hint truncate">{hint}</span>
      </span>
      {status !== undefined && status !== 'completed' && <StatusBadge status={status} />}
    </>
  );
  return place === undefined ? (
    <div className={className}>{content}</div>
  ) : (
    <PlaceLink place={place} className={className}>
      {content}
    </PlaceLink>
  );
};

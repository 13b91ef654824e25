// A step as the graph draws it: what it is, in which state, where it leads, and what is in it.
import { Handle, type Node, type NodeProps, Position } from '@xyflow/react';

import { PlaceLink } from '../app/place-link.js';
import { Icon } from '../ui/icon.js';
import type { Part, PartItem } from './graph-parts.policy.js';
import { stepLooks } from './step-looks.js';

export type StepFlowNode = Node<
  {
    readonly part: Part;
    readonly direction: 'LR' | 'TB';
    readonly onFold: (id: string, isOpen: boolean) => void;
  },
  'step'
>;

const classOf = ({ status, isMap, isOptional, fold }: Part): string =>
  [
    'graph-step',
    `graph-step-${status ?? 'none'}`,
    ...(isMap && fold !== 'open' ? ['graph-step-map'] : []),
    ...(isOptional ? ['graph-step-optional'] : []),
  ].join(' ');

export const StepNode = ({ data: { part, direction, onFold } }: NodeProps<StepFlowNode>) => {
  const { title, label, status, place, items } = part;
  const [from, to] = direction === 'LR' ? [Position.Left, Position.Right] : [Position.Top, Position.Bottom];
  return (
    <div className={classOf(part)}>
      <Handle type="target" position={from} isConnectable={false} />
      <div className="graph-step-head">
        {status !== undefined && <Icon name={stepLooks[status].icon} size={14} label={status} />}
        {place === undefined ? (
          <span className="graph-step-title truncate">{title}</span>
        ) : (
          <PlaceLink place={place} className="graph-step-title truncate nopan">
            {title}
          </PlaceLink>
        )}
        <Fold part={part} onFold={onFold} />
      </div>
      <div className="graph-step-label truncate" title={label}>
        {label}
      </div>
      {items.length > 0 && <Items items={items} />}
      <Handle type="source" position={to} isConnectable={false} />
    </div>
  );
};

const Fold = ({
  part: { id, title, fold },
  onFold,
}: {
  readonly part: Part;
  readonly onFold: (id: string, isOpen: boolean) => void;
}) =>
  fold === undefined ? null : (
    <button
      type="button"
      className="graph-fold nopan"
      aria-expanded={fold === 'open'}
      aria-label={`What is in ${title}`}
      onClick={() => {
        onFold(id, fold === 'closed');
      }}
    >
      <Icon name={fold === 'open' ? 'minus' : 'plus'} size={12} />
    </button>
  );

/** The tasks of a map, each a small square: too small to be pressed, the name of the step leads to their list. */
const Items = ({ items }: { readonly items: readonly PartItem[] }) => (
  <div className="graph-items" aria-hidden="true">
    {items.map(({ index, status }) => (
      <span key={index} className={`graph-item graph-item-${status}`} title={`${index}: ${status}`} />
    ))}
  </div>
);

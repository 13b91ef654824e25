// JSON to be read: folded where it is deep, only the lines in sight exist, every value is text.
import './json-view.css';

import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useMemo, useRef, useState } from 'react';

import { CopyButton } from './code-block.js';
import { Icon } from './icon.js';
import { type JsonLine, linesOf } from './json.policy.js';

const lineHeight = 21;

const sizeOfLine = (): number => lineHeight;

interface JsonViewProps {
  readonly value: unknown;
  /** What it is: "Payload". */
  readonly label: string;
  /** In pixels, from which on it scrolls. */
  readonly maxHeight?: number;
}

export const JsonView = ({ value, label, maxHeight = 420 }: JsonViewProps) => {
  const [folds, setFolds] = useState<ReadonlyMap<string, boolean>>(new Map());
  const lines = useMemo(() => linesOf(value, (path) => folds.get(path)), [value, folds]);
  const text = useMemo(() => JSON.stringify(value, null, 2), [value]);
  const scroller = useRef<HTMLDivElement>(null);
  const getItemKey = useCallback((index: number) => `${index}-${lines[index]?.path ?? ''}`, [lines]);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: sizeOfLine,
    overscan: 30,
    getItemKey,
  });
  const toggle = ({ path, isOpen }: JsonLine): void => {
    setFolds(new Map(folds).set(path, isOpen));
  };
  return (
    <div className="json">
      <div
        ref={scroller}
        className="json-scroll"
        tabIndex={0}
        role="group"
        aria-label={label}
        style={{ maxHeight: `${maxHeight}px` }}
      >
        <div className="json-lines" style={{ height: `${virtual.getTotalSize()}px` }}>
          {virtual.getVirtualItems().map(({ index, key, start }) => {
            const line = lines[index];
            return line === undefined ? null : (
              <div
                key={key}
                className="json-line"
                style={{ transform: `translateY(${start}px)`, paddingLeft: `${line.depth * 18 + 8}px` }}
              >
                <Line line={line} onToggle={toggle} />
              </div>
            );
          })}
        </div>
      </div>
      <div className="code-block-copy">
        <CopyButton text={text} label={`Copy ${label.toLowerCase()}`} />
      </div>
    </div>
  );
};

const Line = ({ line, onToggle }: { readonly line: JsonLine; readonly onToggle: (line: JsonLine) => void }) => (
  <>
    {line.folds ? (
      <button
        type="button"
        className="json-fold"
        aria-expanded={line.isOpen}
        aria-label={`${line.name ?? 'The whole'}: ${line.isOpen ? 'fold' : 'unfold'}`}
        onClick={() => {
          onToggle(line);
        }}
      >
        <Icon name="chevron" size={10} />
      </button>
    ) : (
      <span className="json-fold" />
    )}
    {line.name !== undefined && <span className="json-name">{line.name}: </span>}
    <span className={`json-${line.kind}`}>{line.text}</span>
  </>
);

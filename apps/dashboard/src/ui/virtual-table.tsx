// A list of any length: only the rows that are seen exist. It is a grid for the keyboard and for screen readers.
import './virtual-table.css';

import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type CSSProperties,
  type KeyboardEvent,
  memo,
  type MouseEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react';

import { useDensity } from '../app/preferences.js';
import { counted } from './numbers.policy.js';
import { rangeBetween, stepTo } from './virtual-table.policy.js';

export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  /** A track of a CSS grid: `minmax(160px, 2fr)`, `96px`. */
  readonly width: string;
  readonly cell: (row: Row) => ReactNode;
  readonly isRight?: boolean;
  /** Shown from this width of the table on, in pixels; always when it is left out. */
  readonly from?: number;
}

export interface VirtualTableProps<Row> {
  /** What the rows are: "Tasks". */
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly idOf: (row: Row) => string;
  /** What Enter and a click do. */
  readonly onOpen?: (row: Row) => void;
  /** Ids of the chosen rows; without it rows cannot be chosen. Keep it in the state of the page. */
  readonly selected?: ReadonlySet<string>;
  readonly onSelect?: (ids: ReadonlySet<string>) => void;
  /** Asked when the end comes into sight. */
  readonly onEnd?: () => void;
  /** Whether more is being loaded. */
  readonly isLoading?: boolean;
  /** How many there are altogether, where that is known. */
  readonly total?: number;
  /** Below the last row: what ends the list. */
  readonly footer?: ReactNode;
  /** Called when the first row leaves the sight or comes back: a live list waits while somebody reads. */
  readonly onAtTop?: (isAtTop: boolean) => void;
  /** The row that the page shows beside the list. */
  readonly currentId?: string | undefined;
}

/** Rows beyond what is seen, so that scrolling shows none that is empty. */
const overscan = 12;

/** Rows before the end at which more is asked for. */
const endWithin = 15;

const heightOfRow = (): number =>
  Number.parseInt(getComputedStyle(document.documentElement).getPropertyValue('--row'), 10) || 40;

/** In pixels. Read when it may have changed: asking for it costs more than drawing a row. */
const useRowHeight = (): number => {
  const density = useDensity();
  const [height, setHeight] = useState(heightOfRow);
  useEffect(() => {
    setHeight(heightOfRow());
  }, [density]);
  return height;
};

const useWidth = (element: React.RefObject<HTMLElement | null>): number => {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (element.current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.round(entry.contentRect.width));
    });
    observer.observe(element.current);
    return () => {
      observer.disconnect();
    };
  }, [element]);
  return width;
};

// What is inside a row and acts by itself.
const isControl = (target: EventTarget): boolean =>
  target instanceof Element && target.closest('a, button, input, label, [role="checkbox"]') !== null;

export const VirtualTable = <Row,>(props: VirtualTableProps<Row>) => {
  const { label, rows, columns, idOf, onOpen, selected, onSelect, onEnd, isLoading = false, total, footer } = props;
  const gridId = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const width = useWidth(scroller);
  const height = useRowHeight();
  const [active, setActive] = useState(-1);
  const [anchor, setAnchor] = useState(-1);
  const canSelect = selected !== undefined && onSelect !== undefined;

  // The same functions as long as they say the same: with others all places are reckoned anew.
  const estimateSize = useCallback(() => height, [height]);
  const getItemKey = useCallback(
    (index: number) => {
      const row = rows[index];
      return row === undefined ? index : idOf(row);
    },
    // `idOf` is written in place by nearly every caller, and says the same each time.
    [rows],
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize,
    overscan,
    getItemKey,
  });
  useEffect(() => {
    virtual.measure();
  }, [height, virtual]);
  const items = virtual.getVirtualItems();
  const lastSeen = items.at(-1)?.index ?? 0;
  const isNearEnd = rows.length > 0 && lastSeen >= rows.length - endWithin;
  useEffect(() => {
    if (isNearEnd && !isLoading) onEnd?.();
  }, [isNearEnd, isLoading, onEnd, rows.length]);

  const { onAtTop } = props;
  const offset = virtual.scrollOffset ?? 0;
  const isAtTop = offset < 8;
  useEffect(() => {
    onAtTop?.(isAtTop);
  }, [isAtTop, onAtTop]);

  // A row may have become another one, or be gone.
  const chosen = Math.min(active, rows.length - 1);
  const shown = useMemo(() => columns.filter(({ from = 0 }) => width === 0 || width >= from), [columns, width]);
  const tracks = [...(canSelect ? ['24px'] : []), ...shown.map((column) => column.width)].join(' ');
  const style = { '--columns': tracks } as CSSProperties;

  const select = (index: number, withRange: boolean): void => {
    if (!canSelect) return;
    const row = rows[index];
    if (row === undefined) return;
    const next = new Set(selected);
    if (withRange && anchor >= 0) {
      for (const at of rangeBetween(anchor, index)) {
        const one = rows[at];
        if (one !== undefined) next.add(idOf(one));
      }
    } else if (!next.delete(idOf(row))) next.add(idOf(row));
    setAnchor(index);
    onSelect(next);
  };

  const move = (to: number): void => {
    setActive(to);
    virtual.scrollToIndex(to, { align: 'auto' });
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / height) - 2);
    const to = stepTo(event.key, { at: chosen, count: rows.length, page });
    if (to !== undefined) {
      event.preventDefault();
      if (event.shiftKey && canSelect) {
        if (anchor < 0) setAnchor(chosen);
        select(to, true);
      }
      move(to);
      return;
    }
    const row = rows[chosen];
    if (row === undefined) return;
    if (event.key === 'Enter' && onOpen !== undefined) {
      event.preventDefault();
      onOpen(row);
    }
    if ((event.key === ' ' || event.key === 'x') && canSelect) {
      event.preventDefault();
      select(chosen, event.shiftKey);
    }
    if (event.key === 'Escape' && canSelect && selected.size > 0) {
      event.preventDefault();
      onSelect(new Set());
    }
  };

  const isAll = canSelect && rows.length > 0 && rows.every((row) => selected.has(idOf(row)));
  const selectAll = (isOn: boolean): void => {
    onSelect?.(new Set(isOn ? rows.map(idOf) : []));
  };

  const pressed = (event: MouseEvent, index: number): void => {
    if (isControl(event.target)) return;
    setActive(index);
    if (canSelect && (event.metaKey || event.ctrlKey || event.shiftKey)) {
      select(index, event.shiftKey);
      return;
    }
    const row = rows[index];
    if (row !== undefined && getSelection()?.type !== 'Range') onOpen?.(row);
  };

  // The rows that stay are not drawn again while the list scrolls: what they call stays the same function.
  const handlers = useRef({ pressed, select });
  useEffect(() => {
    handlers.current = { pressed, select };
  });
  const clickRow = useCallback((event: MouseEvent, index: number) => {
    handlers.current.pressed(event, index);
  }, []);
  const check = useCallback((index: number) => {
    handlers.current.select(index, false);
  }, []);

  return (
    <div className="vtable">
      <div
        ref={scroller}
        className="vtable-scroll"
        role="grid"
        aria-label={`${label}: ${counted(total ?? rows.length, 'row')}`}
        aria-rowcount={(total ?? rows.length) + 1}
        aria-colcount={shown.length + (canSelect ? 1 : 0)}
        aria-busy={isLoading}
        {...(canSelect && { 'aria-multiselectable': true })}
        {...(chosen >= 0 && { 'aria-activedescendant': `${gridId}-${chosen}` })}
        tabIndex={0}
        style={style}
        onKeyDown={onKeyDown}
        onFocus={() => {
          if (active < 0 && rows.length > 0) setActive(items[0]?.index ?? 0);
        }}
      >
        <div className="vtable-head" role="row" aria-rowindex={1}>
          {canSelect && (
            <div role="columnheader" className="vtable-check">
              <Check
                label="Choose all rows that are loaded"
                isOn={isAll}
                isMixed={!isAll && selected.size > 0}
                onChange={selectAll}
              />
            </div>
          )}
          {shown.map(({ id, title, isRight = false }) => (
            <div key={id} role="columnheader" className={isRight ? 'vtable-cell right' : 'vtable-cell'}>
              {title}
            </div>
          ))}
        </div>
        <div className="vtable-rows" role="rowgroup" style={{ height: `${virtual.getTotalSize()}px` }}>
          {items.map(({ index, key, start }) => {
            const row = rows[index];
            return row === undefined ? null : (
              <BodyRow
                key={key}
                row={row}
                index={index}
                start={start}
                columns={shown}
                elementId={`${gridId}-${index}`}
                isActive={index === chosen}
                isCurrent={idOf(row) === props.currentId}
                isSelected={canSelect ? selected.has(idOf(row)) : undefined}
                opens={onOpen !== undefined}
                onClick={clickRow}
                onCheck={check}
              />
            );
          })}
        </div>
        {footer}
      </div>
    </div>
  );
};

interface CheckProps {
  readonly label: string;
  readonly isOn: boolean;
  readonly isMixed?: boolean;
  readonly onChange: (isOn: boolean) => void;
}

/** A plain checkbox: hundreds of them come and go while a list scrolls. The keyboard chooses rows in the grid itself. */
const Check = ({ label, isOn, isMixed = false, onChange }: CheckProps) => (
  <input
    type="checkbox"
    className="vtable-box"
    aria-label={label}
    tabIndex={-1}
    checked={isOn}
    ref={(box) => {
      if (box !== null) box.indeterminate = isMixed;
    }}
    onChange={(event) => {
      onChange(event.target.checked);
    }}
  />
);

interface BodyRowProps<Row> {
  readonly row: Row;
  readonly index: number;
  /** Pixels from the top of the list. */
  readonly start: number;
  readonly columns: readonly Column<Row>[];
  readonly elementId: string;
  readonly isActive: boolean;
  readonly isCurrent: boolean;
  /** Undefined where rows cannot be chosen. */
  readonly isSelected: boolean | undefined;
  readonly opens: boolean;
  readonly onClick: (event: MouseEvent, index: number) => void;
  readonly onCheck: (index: number) => void;
}

const DrawnRow = <Row,>(props: BodyRowProps<Row>) => {
  const { row, index, start, columns, isSelected } = props;
  return (
    <div
      id={props.elementId}
      role="row"
      aria-rowindex={index + 2}
      className="vtable-row"
      data-active={props.isActive || undefined}
      data-current={props.isCurrent || undefined}
      data-opens={props.opens || undefined}
      {...(isSelected !== undefined && { 'aria-selected': isSelected })}
      style={{ transform: `translateY(${start}px)` }}
      onClick={(event) => {
        props.onClick(event, index);
      }}
    >
      {isSelected !== undefined && (
        <div role="gridcell" className="vtable-check">
          <Check
            label="Choose this row"
            isOn={isSelected}
            onChange={() => {
              props.onCheck(index);
            }}
          />
        </div>
      )}
      {columns.map(({ id, cell, isRight = false }) => (
        <div key={id} role="gridcell" className={isRight ? 'vtable-cell right' : 'vtable-cell'}>
          {cell(row)}
        </div>
      ))}
    </div>
  );
};

// `memo` loses the type parameter.
const BodyRow = memo(DrawnRow) as typeof DrawnRow;

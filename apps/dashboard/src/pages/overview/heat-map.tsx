// The share of tasks that failed, by agent and time: a grid of links for eyes and arrow keys, a table for everything else.
import './heat-map.css';

import { useRouter } from '@tanstack/react-router';
import { type KeyboardEvent, useId, useRef, useState } from 'react';

import { PlaceLink } from '../../app/place-link.js';
import { tasksPlace } from '../../telemetry/range.policy.js';
import { AgentName } from '../../ui/agent.js';
import { IconButton } from '../../ui/button.js';
import { Menu, MenuItem } from '../../ui/menu.js';
import { saveFile, savePng } from '../../ui/save-file.js';
import { momentText } from '../../ui/time.policy.js';
import { tokenOf } from '../../ui/tokens.js';
import {
  cellText,
  type GridPlace,
  type Heat,
  type HeatCell,
  heatCsv,
  heatOf,
  type HeatRow,
  heatSteps,
  heatSvg,
  stepInGrid,
} from './heat-map.policy.js';

interface HeatMapProps {
  /** Also the name of exported files. */
  readonly title: string;
  readonly rows: readonly HeatRow[];
  /** Length of a bucket, in seconds. */
  readonly stepS: number;
}

const placeOf = (agent: string, { at }: HeatCell, stepS: number): string =>
  tasksPlace({ agent, status: 'failed', fromS: at, toS: at + stepS });

const hex = (part: number): string => part.toString(16).padStart(2, '0');

/** A colour of CSS as every program for drawings knows it. */
const hexOf = (color: string): string => {
  const context = new OffscreenCanvas(1, 1).getContext('2d');
  if (context === null) return color;
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0, alpha = 0] = context.getImageData(0, 0, 1, 1).data;
  return alpha === 0 ? 'none' : `#${hex(red)}${hex(green)}${hex(blue)}`;
};

/** The shades as the theme of now draws them. */
const shadesIn = (element: HTMLElement) => {
  const colorOf = (heat: Heat): string => {
    const probe = document.createElement('span');
    probe.className = `heat heat-${heat}`;
    element.append(probe);
    const color = getComputedStyle(probe).backgroundColor;
    probe.remove();
    return hexOf(color);
  };
  return {
    ...{ none: colorOf('none'), '0': colorOf('0'), '1': colorOf('1'), '2': colorOf('2') },
    ...{ '3': colorOf('3'), '4': colorOf('4'), '5': colorOf('5') },
  };
};

export const HeatMap = ({ title, rows, stepS }: HeatMapProps) => {
  const figure = useRef<HTMLElement>(null);
  const [isTable, setTable] = useState(false);
  const [looked, setLooked] = useState<{ agent: string; cell: HeatCell }>();
  const drawn = (): string =>
    figure.current === null
      ? ''
      : heatSvg(rows, {
          ...{ title, text: tokenOf('--text-2'), background: tokenOf('--surface'), line: tokenOf('--line') },
          colors: shadesIn(figure.current),
          timeText: momentText,
        });
  return (
    <figure className="chart" aria-label={title} ref={figure}>
      <div className="chart-bar">
        <ul className="chart-legend">
          {heatSteps.map(({ heat, text }) => (
            <li key={heat} className="chart-key">
              <span className={`heat heat-key heat-${heat}`} />
              {text}
            </li>
          ))}
        </ul>
        <Menu label={`Export ${title}`} trigger={<IconButton icon="dots" size="s" label={`More about ${title}`} />}>
          <MenuItem
            icon={isTable ? 'graph' : 'tasks'}
            onAction={() => {
              setTable(!isTable);
            }}
          >
            {isTable ? 'Show as chart' : 'Show as table'}
          </MenuItem>
          <MenuItem
            icon="download"
            onAction={() => {
              void savePng(`${title}.png`, drawn());
            }}
          >
            PNG
          </MenuItem>
          <MenuItem
            icon="download"
            onAction={() => {
              saveFile(`${title}.svg`, new Blob([drawn()], { type: 'image/svg+xml' }));
            }}
          >
            SVG
          </MenuItem>
          <MenuItem
            icon="download"
            onAction={() => {
              saveFile(`${title}.csv`, new Blob([heatCsv(rows)], { type: 'text/csv' }));
            }}
          >
            CSV
          </MenuItem>
        </Menu>
      </div>
      {isTable ? (
        <HeatTable title={title} rows={rows} stepS={stepS} />
      ) : (
        <>
          <HeatGrid title={title} rows={rows} stepS={stepS} onLook={setLooked} />
          <p className="heat-looked num" aria-hidden="true">
            {looked === undefined
              ? 'Each field leads to the tasks that failed'
              : `${looked.agent}, ${momentText(looked.cell.at)}: ${cellText(looked.cell)}`}
          </p>
        </>
      )}
    </figure>
  );
};

interface HeatGridProps extends HeatMapProps {
  readonly onLook: (at: { agent: string; cell: HeatCell } | undefined) => void;
}

/** Times that are written below the columns: more would run into each other. */
const labelled = 5;

const HeatGrid = ({ title, rows, stepS, onLook }: HeatGridProps) => {
  const router = useRouter();
  const id = useId();
  const [place, setPlace] = useState<GridPlace>();
  const columns = rows[0]?.cells ?? [];
  const size = { rows: rows.length, columns: columns.length };
  const lookAt = (at: GridPlace): void => {
    const { row, column } = at;
    const [of, cell] = [rows[row], rows[row]?.cells[column]];
    if (of !== undefined && cell !== undefined) onLook({ agent: of.agent, cell });
  };
  const open = ({ row, column }: GridPlace): void => {
    const [of, cell] = [rows[row], rows[row]?.cells[column]];
    if (of !== undefined && cell !== undefined) void router.navigate({ href: placeOf(of.agent, cell, stepS) });
  };
  const press = (event: KeyboardEvent): void => {
    const here = place ?? { row: 0, column: 0 };
    const next = event.key === 'Enter' ? undefined : stepInGrid(event.key, here, size);
    if (event.target !== event.currentTarget || (event.key !== 'Enter' && next === undefined)) return;
    event.preventDefault();
    if (next === undefined) open(here);
    else {
      setPlace(next);
      lookAt(next);
    }
  };
  const everyNth = Math.max(1, Math.ceil(columns.length / labelled));
  return (
    // The grid has the focus, and says which field is meant: hundreds of stops of the Tab key would be in everybody's way.
    <table
      className="heat-grid"
      role="grid"
      aria-label={title}
      tabIndex={0}
      aria-activedescendant={place === undefined ? undefined : `${id}-${place.row}-${place.column}`}
      onKeyDown={press}
      onFocus={(event) => {
        if (event.target !== event.currentTarget) return;
        const first = place ?? { row: 0, column: 0 };
        setPlace(first);
        lookAt(first);
      }}
      onBlur={() => {
        setPlace(undefined);
        onLook(undefined);
      }}
      onMouseLeave={() => {
        onLook(undefined);
      }}
    >
      <tbody>
        {rows.map(({ agent, cells }, row) => (
          <tr key={agent}>
            <th scope="row">
              <PlaceLink place={`/agents/${agent}`}>
                <AgentName agent={agent} size={16} />
              </PlaceLink>
            </th>
            {cells.map((cell, column) => (
              <td
                key={cell.at}
                role="gridcell"
                id={`${id}-${row}-${column}`}
                aria-label={`${agent}, ${momentText(cell.at)}: ${cellText(cell)}`}
                data-current={(row === place?.row && column === place.column) || undefined}
                onMouseEnter={() => {
                  lookAt({ row, column });
                }}
                onClick={() => {
                  open({ row, column });
                }}
              >
                <span className={`heat heat-${heatOf(cell.rate)}`} />
              </td>
            ))}
          </tr>
        ))}
        <tr aria-hidden="true">
          <td />
          {columns.map(({ at }, column) => (
            <td key={at} className="heat-time num">
              {column % everyNth === 0 && <span>{momentText(at)}</span>}
            </td>
          ))}
        </tr>
      </tbody>
    </table>
  );
};

const HeatTable = ({ title, rows, stepS }: HeatMapProps) => (
  <div className="chart-table heat-table" tabIndex={0} role="group" aria-label={`${title} as a table`}>
    <table className="plain-table">
      <caption className="visually-hidden">{title}</caption>
      <thead>
        <tr>
          <th scope="col">Time</th>
          {rows.map(({ agent }) => (
            <th key={agent} scope="col" className="right">
              {agent}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows[0]?.cells.map(({ at }, column) => (
          <tr key={at}>
            <th scope="row" className="num">
              {momentText(at)}
            </th>
            {rows.map(({ agent, cells }) => {
              const cell = cells[column];
              return (
                <td key={agent} className="right num">
                  {cell === undefined || cell.rate === null ? (
                    '–'
                  ) : (
                    <PlaceLink place={placeOf(agent, cell, stepS)}>{cellText(cell)}</PlaceLink>
                  )}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

// The icons of the page: our own, 16 units, strokes of 1.5, one colour that of the text.
import type { ReactNode } from 'react';

const shapes = {
  agents: (
    <path d="M3.5 6.5h9v6h-9zM8 6.5v-3M8 3.5a.9.9 0 1 0 0-1.8.9.9 0 0 0 0 1.8M6 9.4v.6m4-.6v.6M1.5 8.5v2m13-2v2" />
  ),
  alert: <path d="M8 2 1.7 13.2h12.6zM8 6.5v3M8 11.4v.1" />,
  approvals: <path d="M2 8.5 5 11.5 10.5 5M9 11.2l.4.4L15 6" />,
  arrow: <path d="M3 8h10M9 4l4 4-4 4" />,
  audit: <path d="M4 1.8h5.5L12.5 5v9.2H4zM9.2 1.8V5h3.3M6.2 8.2h4M6.2 11h4" />,
  back: <path d="M13 8H3M7 4 3 8l4 4" />,
  bell: <path d="M4 11.2V7a4 4 0 0 1 8 0v4.2l1.2 1.3H2.8zM6.6 14.2a1.6 1.6 0 0 0 2.8 0" />,
  bolt: <path d="M8.8 1.5 3 9h4.2l-.6 5.5L12.6 7H8.2z" />,
  calls: <path d="M2.5 4h7m-7 4H7m-4.5 4h3.2M8 11.5h5.5m-2.3-2.3 2.3 2.3-2.3 2.3" />,
  check: <path d="m3 8.5 3.2 3.2L13 4.8" />,
  chevron: <path d="m6 3.5 4.5 4.5L6 12.5" />,
  clock: <path d="M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 4.8V8l2.2 1.6" />,
  close: <path d="m3.8 3.8 8.4 8.4m0-8.4-8.4 8.4" />,
  code: <path d="M5.5 4.5 2 8l3.5 3.5m5-7L14 8l-3.5 3.5M9 3.5l-2 9" />,
  copy: <path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3" />,
  dark: <path d="M13.5 9.6A6 6 0 0 1 6.4 2.5a5.8 5.8 0 1 0 7.1 7.1" />,
  datasets: (
    <path d="M8 6.2c3 0 5.5-.9 5.5-2.1S11 2 8 2s-5.5.9-5.5 2.1S5 6.2 8 6.2M2.5 4.1v7.8C2.5 13.1 5 14 8 14s5.5-.9 5.5-2.1V4.1M2.5 8c0 1.2 2.5 2.1 5.5 2.1s5.5-.9 5.5-2.1" />
  ),
  deadLetters: <path d="M1.8 4h12.4v8.5H1.8zM2 4.3l6 4.6 6-4.6M5.8 10.6l-2 1.6m6.4-1.6 2 1.6" />,
  dots: <path d="M3.5 8h.01M8 8h.01M12.5 8h.01" strokeWidth="2" />,
  download: <path d="M8 2v8m-3.5-3L8 10.5 11.5 7M2.5 13.5h11" />,
  edit: <path d="m10.8 2.7 2.5 2.5L5.6 13H3v-2.6zM9 4.5 11.5 7" />,
  external: <path d="M6.5 3.5h-4v10h10v-4M9 2.5h4.5V7M13.2 2.8 7 9" />,
  eye: (
    <path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8M8 9.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6" />
  ),
  failed: <path d="M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M5.8 5.8l4.4 4.4m0-4.4-4.4 4.4" />,
  fit: <path d="M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10" />,
  filter: <path d="M2 4h12M4.5 8h7M6.8 12h2.4" />,
  graph: <path d="M2.5 13.5v-11M2.5 13.5h11M5 10.5 7.5 7l2.5 2 3.5-5" />,
  help: <path d="M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M6.3 6.4a1.7 1.7 0 1 1 2.6 1.5c-.6.4-.9.7-.9 1.3M8 11.2v.1" />,
  info: <path d="M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 7.2v3.6M8 5v.1" />,
  keys: <path d="M10.2 9.3a3.8 3.8 0 1 0-3.5-3.5L2 10.5V14h3.2v-1.9h1.9v-1.9zM10.8 5.2h.01" />,
  light: (
    <path d="M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6M8 1.3v1.4m0 10.6v1.4M1.3 8h1.4m10.6 0h1.4M3.3 3.3l1 1m7.4 7.4 1 1m0-9.4-1 1m-7.4 7.4-1 1" />
  ),
  logout: <path d="M6.5 2.5h-4v11h4M10.5 5l3 3-3 3M13 8H6.2" />,
  memory: (
    <path d="M8 2.2C5.6 2 3 3.6 3 6.6c0 1.7.8 2.6.8 3.7v3.5h4.9v-2h1.7c.9 0 1.4-.5 1.4-1.4V8.6l1.4-.5-1.2-2.6C11.6 3.6 10.2 2.3 8 2.2M6.2 6.6h3.4M6.2 8.8h2" />
  ),
  menu: <path d="M2.5 4.5h11m-11 3.5h11m-11 3.5h11" />,
  minus: <path d="M3.5 8h9" />,
  overview: <path d="M2.2 2.2h4.6v6H2.2zM9.2 2.2h4.6v3.4H9.2zM9.2 8h4.6v5.8H9.2zM2.2 10.6h4.6v3.2H2.2z" />,
  pause: <path d="M5.5 3.5v9m5-9v9" strokeWidth="2" />,
  pin: <path d="M5.5 2h5L9.9 7l2.1 2.3H4L6.1 7zM8 9.3V14" />,
  play: <path d="M4.5 2.8v10.4l8.2-5.2z" />,
  plus: <path d="M8 3v10M3 8h10" />,
  queued: <path d="M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12" strokeDasharray="2.2 1.6" />,
  refresh: <path d="M13.5 6.5A5.7 5.7 0 0 0 3 5M2.5 2.3V5.2h2.9M2.5 9.5A5.7 5.7 0 0 0 13 11m.5 2.7v-2.9h-2.9" />,
  replay: <path d="M3 8.3A5 5 0 1 0 4.6 4.6L3 6.1M3 2.6v3.5h3.5" />,
  running: (
    <>
      <path d="M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12" opacity=".35" />
      <path d="M8 2a6 6 0 0 1 6 6" />
    </>
  ),
  search: <path d="M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10M14 14l-3.4-3.4" />,
  servers: <path d="M2.5 2.5h11v4.6h-11zM2.5 8.9h11v4.6h-11zM5 4.8h.01M5 11.2h.01" />,
  secrets: <path d="M3.5 7.2h9v6.3h-9zM5.3 7.2V5a2.7 2.7 0 0 1 5.4 0v2.2M8 9.6v1.6" />,
  settings: (
    <path d="M2 4.5h6.5M12.5 4.5H14M2 11.5h1.5M7.5 11.5H14M10.5 6.3a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6M5.5 13.3a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6" />
  ),
  slash: <path d="M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M3.8 12.2l8.4-8.4" />,
  sort: <path d="M5 3v10M2.5 10.5 5 13l2.5-2.5M11 13V3M8.5 5.5 11 3l2.5 2.5" />,
  stop: <path d="M4 4h8v8H4z" />,
  submit: <path d="M14 2 7.2 8.8M14 2 9.6 14 7.2 8.8 2 6.4z" />,
  success: <path d="M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M5.2 8.2l2 2 3.6-4" />,
  system: <path d="M2 3h12v8H2zM6 13.5h4M8 11v2.5" />,
  talk: <path d="M2 2.8h9v6.4H6L3.6 11.4V9.2H2zM6.5 11.2v1h4.2l2 1.8v-1.8H14V6h-1" />,
  tasks: <path d="M2 4.2h.01M2 8h.01M2 11.8h.01M5 4.2h9M5 8h9M5 11.8h9" />,
  tools: (
    <path d="M13.4 5.4 11.2 7.5 9 7l-.5-2.2 2.1-2.2A3.6 3.6 0 0 0 5.9 7.1L2.4 10.7a1.8 1.8 0 0 0 2.6 2.6l3.6-3.5a3.6 3.6 0 0 0 4.8-4.4" />
  ),
  trash: <path d="M2.5 4.2h11M6 4V2.3h4V4M4 4.2l.7 9.5h6.6l.7-9.5M6.6 7v4m2.8-4v4" />,
  upload: <path d="M8 10.5V2.5M4.5 6 8 2.5 11.5 6M2.5 13.5h11" />,
  user: <path d="M8 8.2a2.9 2.9 0 1 0 0-5.8 2.9 2.9 0 0 0 0 5.8M2.5 14c.5-2.6 2.6-3.8 5.5-3.8s5 1.2 5.5 3.8" />,
  wait: <path d="M4 2h8M4 14h8M5 2v2.4c0 1.8 3 2.5 3 3.6s-3 1.8-3 3.6V14M11 2v2.4c0 1.8-3 2.5-3 3.6s3 1.8 3 3.6V14" />,
  workflows: <path d="M2 2.5h4.5V6H2zM9.5 10H14v3.5H9.5zM9.5 2.5H14V6H9.5zM6.5 4.2h3M11.8 6v4" />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof shapes;

interface IconProps {
  readonly name: IconName;
  /** In pixels; 16 unless said otherwise. */
  readonly size?: number;
  /** Spoken by screen readers; without, the icon is decoration beside a text. */
  readonly label?: string;
  readonly className?: string;
}

export const Icon = ({ name, size = 16, label, className = '' }: IconProps) => (
  <svg
    className={`icon ${className}`}
    width={size}
    height={size}
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.5"
    strokeLinecap="round"
    strokeLinejoin="round"
    {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
  >
    {shapes[name]}
  </svg>
);

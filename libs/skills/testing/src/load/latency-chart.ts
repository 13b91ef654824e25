// The latencies of a load test as a picture: every share of the requests against the time within which it was answered.
import type { LatencyHistogram } from './latency-histogram.policy.js';

const [width, height] = [760, 420];
const plot = { left: 78, right: 30, top: 62, bottom: 58 } as const;
const shares = [0, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999] as const;

/** Each step to the right is the half of what is left, so that the slow ones have room: 50 %, 75 %, ..., 99.9 %. */
const across = (share: number): number => Math.log2(1 / (1 - share));
const most = across(0.999);

const x = (share: number): number => plot.left + (across(share) / most) * (width - plot.left - plot.right);

/** 1, 2 or 5 times a power of ten, not below. */
const niceAbove = (value: number): number => {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10) * power;
};

const text = (value: string): string =>
  value.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`).replaceAll(/[\0-\x1f]/g, ' ');

const short = (value: number): string => String(Number(value.toPrecision(3)));
const percent = (share: number): string => `${short(share * 100)} %`;

/**
 * An SVG: time from zero upwards, share of the requests to the right.
 * @param about a line under the title
 */
export const latencyChart = (latencies: LatencyHistogram, about: string): string => {
  const top = niceAbove(Math.max(latencies.quantile(1), 0.001));
  const y = (ms: number): number => height - plot.bottom - (ms / top) * (height - plot.top - plot.bottom);
  // No share finer than one request: what is not there is not drawn.
  const finest = 1 - 1 / Math.max(1, latencies.total);
  const drawn = Array.from({ length: 241 }, (_, n) => 1 - 2 ** -((n / 240) * most)).filter((share) => share <= finest);
  const line = drawn.map((share) => `${x(share).toFixed(1)},${y(latencies.quantile(share)).toFixed(1)}`).join(' ');
  const grid = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const at = y(part * top).toFixed(1);
    return (
      `<line x1="${plot.left}" x2="${width - plot.right}" y1="${at}" y2="${at}" stroke="#ddd"/>` +
      `<text x="${plot.left - 8}" y="${Number(at) + 4}" text-anchor="end">${short(part * top)}</text>`
    );
  });
  const marks = shares.map((share) => {
    const at = x(share).toFixed(1);
    return (
      `<line x1="${at}" x2="${at}" y1="${height - plot.bottom}" y2="${height - plot.bottom + 5}" stroke="#666"/>` +
      `<text x="${at}" y="${height - plot.bottom + 20}" text-anchor="middle">${percent(share)}</text>`
    );
  });
  const points = shares
    .filter((share) => share > 0 && share <= finest)
    .map((share) => {
      const ms = latencies.quantile(share);
      return (
        `<circle cx="${x(share).toFixed(1)}" cy="${y(ms).toFixed(1)}" r="3.5" fill="#1f5fa8"/>` +
        `<text x="${x(share).toFixed(1)}" y="${(y(ms) - 10).toFixed(1)}" text-anchor="middle" font-weight="bold">${short(ms)}</text>`
      );
    });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans, Arial, sans-serif" font-size="12" fill="#222">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${plot.left}" y="24" font-size="16" font-weight="bold">Latency of ${latencies.total} answers</text>`,
    `<text x="${plot.left}" y="44" fill="#555">${text(about)}</text>`,
    ...grid,
    ...marks,
    ...(drawn.length > 1 ? [`<polyline points="${line}" fill="none" stroke="#1f5fa8" stroke-width="2"/>`] : []),
    ...points,
    `<text x="${(plot.left + width - plot.right) / 2}" y="${height - 14}" text-anchor="middle">share of the answers that took no longer</text>`,
    `<text transform="translate(18 ${(plot.top + height - plot.bottom) / 2}) rotate(-90)" text-anchor="middle">milliseconds</text>`,
    '</svg>',
  ].join('\n');
};

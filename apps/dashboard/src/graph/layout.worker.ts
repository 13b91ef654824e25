// Lays out graphs beside the page, which stays awake meanwhile: 50 boxes take some 0.2 s.
import { type Layout, layoutOf, type LayoutOrder } from './graph-layout.policy.js';

export interface LayoutAnswer {
  /** The order as it came, as JSON. */
  readonly order: string;
  readonly layout: Layout;
}

onmessage = ({ data: order }: MessageEvent<string>) => {
  postMessage({ order, layout: layoutOf(JSON.parse(order) as LayoutOrder) } satisfies LayoutAnswer);
};

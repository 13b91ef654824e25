import type { EChartsOption } from 'echarts';

/** What the painter draws. Plain data, no functions: it travels to another thread. */
export interface Picture {
  readonly option: EChartsOption;
  /** Pixels; the PNG has twice as many. */
  readonly width: number;
  readonly height: number;
}

export interface Drawing {
  readonly svg: Uint8Array;
  readonly png: Uint8Array;
}

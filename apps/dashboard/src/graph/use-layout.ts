import { useEffect, useState } from 'react';

import { workerUrl } from '../live/trusted.js';
import type { Layout, LayoutOrder } from './graph-layout.policy.js';
import type { LayoutAnswer } from './layout.worker.js';
import layoutWorkerUrl from './layout.worker.ts?worker&url';

/** The layout of a graph, by a worker; until the next one is there, the last one. */
export const useLayout = (order: LayoutOrder): Layout | undefined => {
  const [layout, setLayout] = useState<Layout>();
  const [worker, setWorker] = useState<Worker>();
  useEffect(() => {
    const made = new Worker(workerUrl(layoutWorkerUrl), { type: 'module', name: 'pulser-graph' });
    setWorker(made);
    return () => {
      made.terminate();
    };
  }, []);
  // A run is drawn again with every change of a state: only what changes the places is a new order.
  const wanted = JSON.stringify(order);
  useEffect(() => {
    if (worker === undefined) return;
    worker.onmessage = ({ data }: MessageEvent<LayoutAnswer>) => {
      if (data.order === wanted) setLayout(data.layout);
    };
    worker.postMessage(wanted);
  }, [worker, wanted]);
  return layout;
};

// How far a pull has come, from what the engine reports of each layer.
import type { Message } from './messages.js';

/** Bytes of the layers that are known so far. */
export interface PullProgress {
  readonly current: number;
  readonly total: number;
}

interface Layer {
  readonly current: number;
  readonly total: number;
}

const finished = new Set(['Download complete', 'Verifying Checksum', 'Extracting', 'Pull complete']);

/** Adds up the layers of one pull. */
export class PullLayers {
  private readonly layers = new Map<string, Layer>();
  /** The last message about the whole image, such as `Status: Image is up to date for alpine:latest`. */
  status = '';

  add({ id, status = '', progressDetail }: Message): void {
    if (id === undefined || status.startsWith('Pulling from')) {
      this.status = status === '' ? this.status : status;
      return;
    }
    const before = this.layers.get(id) ?? { current: 0, total: 0 };
    // Unpacking counts from zero again: bytes of the download are counted, once.
    if (finished.has(status)) this.layers.set(id, { current: before.total, total: before.total });
    else if (status === 'Downloading')
      this.layers.set(id, {
        current: progressDetail?.current ?? before.current,
        total: progressDetail?.total ?? before.total,
      });
    else this.layers.set(id, before);
  }

  get progress(): PullProgress {
    const all = [...this.layers.values()];
    const sum = (field: keyof Layer): number => all.reduce((total, layer) => total + layer[field], 0);
    return { current: sum('current'), total: sum('total') };
  }

  get count(): number {
    return this.layers.size;
  }
}

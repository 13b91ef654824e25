import { Injectable } from '@nestjs/common';
import { type Counter, Metrics } from '@pulser/service-kit';

/** What became of a file that a handler wanted to keep. `known`: its task had made the version before. */
export type KeepOutcome = 'kept' | 'known' | 'refused';

/** Data that handlers opened and kept, for Prometheus. */
@Injectable()
export class DataMeter {
  private readonly versions: Counter<'outcome'>;
  private readonly bytes: Counter<'direction'>;

  constructor(metrics: Metrics) {
    this.versions = metrics.counter({
      name: 'pulser_dataset_versions_total',
      help: 'Versions of datasets that handlers kept, and what became of them',
      labelNames: ['outcome'],
    });
    this.bytes = metrics.counter({
      name: 'pulser_data_bytes_total',
      help: 'Bytes of datasets, uploads and artifacts that handlers opened, and of datasets and large artifacts that they kept',
      labelNames: ['direction'],
    });
  }

  version(outcome: KeepOutcome): void {
    this.versions.inc({ outcome });
  }

  opened(bytes: number): void {
    this.bytes.inc({ direction: 'opened' }, bytes);
  }

  kept(bytes: number): void {
    this.bytes.inc({ direction: 'kept' }, bytes);
  }
}

// What of datasets, uploads and large files need not be kept any more.
import { Injectable } from '@nestjs/common';

import { Contents } from '../content/contents.js';
import { Datasets } from './datasets.js';
import { Uploads } from './uploads.js';

/** Seconds: a content that nobody has touched for so long, and that nothing refers to, was left behind by its writer. */
const abandonedAfterS = 3_600;

const perRound = 100;

export interface DataRetentionLimits {
  /** Days that versions are kept which are not the latest of their dataset. */
  readonly versionDays: number;
  /** Hours that an upload is kept after it was last used. */
  readonly uploadHours: number;
}

/** What a round of the sweep removed. */
export interface SweptData {
  readonly versions: number;
  readonly uploads: number;
  /** Contents to which nothing referred, those of the versions and uploads not among them. */
  readonly abandoned: number;
}

/** Needs the service role. Several services may run it at once. */
@Injectable()
export class DataRetention {
  constructor(
    private readonly contents: Contents,
    private readonly datasets: Datasets,
    private readonly uploads: Uploads,
  ) {}

  /** Removes what is past its time, up to some hundred of each. @throws DatabaseUnavailable, ContentUnavailable */
  async sweep({ versionDays, uploadHours }: DataRetentionLimits): Promise<SweptData> {
    const versions = await this.datasets.dropExpired(versionDays, perRound);
    const uploads = await this.uploads.dropExpired(uploadHours, perRound);
    // What is not removed here, because this process ends, is found as abandoned.
    for (const content of [...versions, ...uploads]) await this.contents.remove(content);
    await this.datasets.dropUses(10 * perRound);
    const abandoned = await this.contents.sweep(abandonedAfterS, perRound);
    return { versions: versions.length, uploads: uploads.length, abandoned };
  }
}

import { Database } from '@pulser/database';

/** Commits without waiting for the disk: for claims and renewals, whose loss costs only a second look. */
export class AsyncCommitDatabase extends Database {}

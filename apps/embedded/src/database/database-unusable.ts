/** The files of the database cannot be used. */
export class DatabaseUnusable extends Error {
  constructor(
    message: string,
    readonly startHint: string,
  ) {
    super(message);
    this.name = 'DatabaseUnusable';
  }
}

export const damaged = (folder: string, why: string): DatabaseUnusable =>
  new DatabaseUnusable(
    `the database in ${folder} cannot be opened: ${why}`,
    'restore the folder from a backup, or move it away to begin with an empty one',
  );

export const foreign = (folder: string): DatabaseUnusable =>
  new DatabaseUnusable(
    `${folder} is the data directory of a PostgreSQL server`,
    'set PULSER_DATA_DIR to a folder of its own',
  );

export const otherVersion = (folder: string, found: string, wanted: string): DatabaseUnusable =>
  new DatabaseUnusable(
    `the database in ${folder} is one of PostgreSQL ${found}, and this is PostgreSQL ${wanted}`,
    'set PULSER_DATA_DIR to another folder, or start the version of Pulser that made this one',
  );

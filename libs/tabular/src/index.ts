export type { Cell } from './column-type.policy.js';
export type { TypedColumn } from './columns.js';
export { survivesAsDouble } from './numbers.policy.js';
export { csvOnly, Format, readOptions, ReadOptions } from './options.js';
export { ReadReport } from './report.js';
export { readTable, type Table, type TableFile } from './read-table.js';
export { Unreadable } from './unreadable.js';

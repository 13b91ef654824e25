// The fonts of the charts, for other pages that have to show the same texts. Loaded by processes: npm packages and relative
// files only.
export { type Font, missingIn } from './fonts.js';
export { type Direction, directionOf, mirrored, type VisualRun, visualRuns } from './visual-runs.js';

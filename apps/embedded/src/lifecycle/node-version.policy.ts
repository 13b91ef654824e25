/** Of the package "node" in the workspace. */
const oldestMajor = 24;

/** What is wrong with this Node, in one line; undefined when nothing is. */
export const nodeComplaint = (version: string): string | undefined =>
  Number.parseInt(version, 10) >= oldestMajor
    ? undefined
    : `Pulser cannot start: this is Node ${version}, and it needs ${oldestMajor}: use \`npm start\`, which brings its own`;

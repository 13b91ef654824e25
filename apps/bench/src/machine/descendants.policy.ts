export interface ProcessParent {
  readonly pid: number;
  readonly parent: number;
}

/** A process, its children and theirs. */
export const descendantsOf = (root: number, all: readonly ProcessParent[]): number[] => [
  root,
  ...all.filter(({ parent }) => parent === root).flatMap(({ pid }) => descendantsOf(pid, all)),
];

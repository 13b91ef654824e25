// What the palette can do: pages and their actions, registered by the pages and the frame.
import { useEffect, useId, useRef, useSyncExternalStore } from 'react';

import type { IconName } from '../ui/icon.js';

export interface Command {
  /** Unique among the commands of its group. */
  readonly id: string;
  /** What it does: "Pause dash". */
  readonly title: string;
  readonly icon?: IconName;
  readonly hint?: string;
  readonly keys?: string;
  /** Other words by which it is found. */
  readonly words?: string;
  readonly run: () => void;
}

export interface CommandGroup {
  readonly title: string;
  readonly commands: readonly Command[];
}

const groups = new Map<string, CommandGroup>();
const listeners = new Set<() => void>();
let listed: readonly CommandGroup[] = [];

const changed = (): void => {
  listed = [...groups.values()];
  for (const listener of listeners) listener();
};

/** Offers commands in the palette as long as the component is there. @param title of the group: "Tasks" */
export const useCommands = (title: string, commands: readonly Command[]): void => {
  const id = useId();
  const latest = useRef(commands);
  useEffect(() => {
    latest.current = commands;
  });
  const shape = JSON.stringify(commands.map((command) => ({ ...command, run: undefined })));
  useEffect(() => {
    const stable = latest.current.map((command, index) => ({ ...command, run: () => latest.current[index]?.run() }));
    groups.set(id, { title, commands: stable });
    changed();
    return () => {
      groups.delete(id);
      changed();
    };
  }, [id, title, shape]);
};

export const useAllCommands = (): readonly CommandGroup[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => listed,
  );

// The keys of the page: who registers them, and who hears them.
import { useEffect, useId, useRef, useSyncExternalStore } from 'react';

import { matchOf, nameOfPress } from './keyboard.policy.js';

export interface KeyBinding {
  /** `mod+k` is Ctrl-K and ⌘K; `g t` is g, then t. */
  readonly keys: string;
  /** What it does, in the imperative. */
  readonly label: string;
  readonly run: () => void;
  /** Heard while the user writes in a field, too. */
  readonly inFields?: boolean;
  /** Heard, but not listed: a second key for the same. */
  readonly isHidden?: boolean;
}

export interface KeyGroup {
  readonly title: string;
  readonly bindings: readonly KeyBinding[];
}

const groups = new Map<string, KeyGroup>();
const listeners = new Set<() => void>();
let listed: readonly KeyGroup[] = [];

const changed = (): void => {
  listed = [...groups.values()];
  for (const listener of listeners) listener();
};

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/**
 * Registers keys as long as the component is there. Of the same keys those that came last win, so a page may have its own
 * meaning of a key.
 * @param title of the group in the list of keys: "Tasks"
 */
export const useKeys = (title: string, bindings: readonly KeyBinding[]): void => {
  const id = useId();
  const latest = useRef(bindings);
  useEffect(() => {
    latest.current = bindings;
  });
  // The functions change with every drawing of the component, the keys hardly ever.
  const shape = JSON.stringify(
    bindings.map(({ keys, label, inFields, isHidden }) => [keys, label, inFields, isHidden]),
  );
  useEffect(() => {
    const stable = latest.current.map((binding, index) => ({
      ...binding,
      run: () => latest.current[index]?.run(),
    }));
    groups.set(id, { title, bindings: stable });
    changed();
    return () => {
      groups.delete(id);
      changed();
    };
  }, [id, title, shape]);
};

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) &&
  !(target instanceof HTMLInputElement && /^(?:checkbox|radio|button)$/.test(target.type));

// Menus, lists and dialogs have keys of their own.
const isOverlay = (target: EventTarget | null): boolean =>
  target instanceof Element &&
  target.closest('[role="dialog"],[role="alertdialog"],[role="menu"],[role="listbox"]') !== null;

/** Milliseconds between two keys of a sequence. */
const sequenceMs = 1_200;

let presses: string[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

const find = (event: KeyboardEvent): { run?: KeyBinding; begins: boolean } => {
  const bindings = [...groups.values()].reverse().flatMap((group) => group.bindings);
  const heard = bindings.filter(({ inFields = false }) => inFields || !isField(event.target));
  const complete = heard.find(({ keys }) => matchOf(presses, keys) === 'complete');
  const begins = heard.some(({ keys }) => matchOf(presses, keys) === 'begins');
  return { ...(complete && { run: complete }), begins };
};

const hear = (event: KeyboardEvent): void => {
  if (event.defaultPrevented || event.isComposing || /^(?:Control|Meta|Alt|Shift)$/.test(event.key)) return;
  const press = nameOfPress(event);
  if (isOverlay(event.target) && press !== 'mod+k') return;
  clearTimeout(timer);
  presses = [...presses, press];
  let found = find(event);
  // What does not go on a sequence may begin a new one.
  if (found.run === undefined && !found.begins && presses.length > 1) {
    presses = [press];
    found = find(event);
  }
  if (found.run !== undefined) {
    presses = [];
    event.preventDefault();
    found.run.run();
    return;
  }
  if (!found.begins) {
    presses = [];
    return;
  }
  timer = setTimeout(() => {
    presses = [];
  }, sequenceMs);
};

/** Starts to listen; once for the page. */
export const listenForKeys = (): void => {
  document.addEventListener('keydown', hear);
};

/** Every group of keys that is registered now. */
export const useKeyGroups = (): readonly KeyGroup[] => useSyncExternalStore(subscribe, () => listed);

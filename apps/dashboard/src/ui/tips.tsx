// Short texts beside controls, for pointers that rest and for the keyboard's focus. An element has one by `data-tip` (and the
// key that does the same by `data-tip-keys`); one listener and one box serve all of them, so that a button costs an attribute.
import './overlay.css';

import { useEffect, useLayoutEffect, useRef, useState } from 'react';

import { Keys } from './keys.js';
import { tipPlace } from './tip-place.policy.js';

interface Shown {
  readonly text: string;
  readonly keys: string | undefined;
  readonly beside: DOMRect;
}

/** Milliseconds: until it opens, until it closes, and for which the next one opens at once. */
const wait = { open: 400, close: 80, warm: 500 } as const;

const holderOf = (target: EventTarget | null): HTMLElement | null =>
  target instanceof Element ? target.closest<HTMLElement>('[data-tip]') : null;

const shownOf = (holder: HTMLElement): Shown | undefined => {
  const { tip = '', tipKeys } = holder.dataset;
  return tip === '' || !holder.isConnected
    ? undefined
    : { text: tip, keys: tipKeys, beside: holder.getBoundingClientRect() };
};

/** Which text is to be seen. @returns what ends the listening */
const listenForTips = (show: (shown: Shown | undefined) => void): (() => void) => {
  let holder: HTMLElement | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOpen = false;
  let closedAt = -Infinity;
  const set = (shown: Shown | undefined): void => {
    clearTimeout(timer);
    if (isOpen) closedAt = performance.now();
    isOpen = shown !== undefined;
    show(shown);
  };
  const turnTo = (next: HTMLElement | null, afterMs: number): void => {
    if (next === holder) return;
    holder = next;
    clearTimeout(timer);
    timer = setTimeout(() => {
      set(next === null ? undefined : shownOf(next));
    }, afterMs);
  };
  const over = ({ target, pointerType }: PointerEvent): void => {
    if (pointerType !== 'mouse') return;
    const next = holderOf(target);
    const isWarm = isOpen || performance.now() - closedAt < wait.warm;
    turnTo(next, next === null ? wait.close : isWarm ? 0 : wait.open);
  };
  const focus = ({ target }: FocusEvent): void => {
    if (target instanceof Element && target.matches(':focus-visible')) turnTo(holderOf(target), 0);
  };
  const leave = (): void => {
    turnTo(null, 0);
  };
  // It does not come back while the pointer stays there.
  const dismiss = (event: Event): void => {
    // The first Escape is for the text alone.
    if (isOpen && event instanceof KeyboardEvent && event.key === 'Escape') event.stopPropagation();
    set(undefined);
  };
  const heard = {
    pointerover: over,
    focusin: focus,
    focusout: leave,
    pointerdown: dismiss,
    keydown: dismiss,
    scroll: dismiss,
  };
  const entries = Object.entries(heard) as [string, EventListener][];
  for (const [name, listener] of entries) document.addEventListener(name, listener, true);
  return () => {
    clearTimeout(timer);
    for (const [name, listener] of entries) document.removeEventListener(name, listener, true);
  };
};

/** Once in the page. */
export const Tips = () => {
  const [shown, setShown] = useState<Shown>();
  useEffect(() => listenForTips(setShown), []);
  return shown === undefined ? null : <Tip {...shown} />;
};

const Tip = ({ text, keys, beside }: Shown) => {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const { current } = box;
    if (current === null) return;
    // In the top layer: dialogs are there too.
    if (!current.matches(':popover-open')) current.showPopover();
    const { left, top } = tipPlace(beside, current.getBoundingClientRect(), window.innerWidth);
    current.style.left = `${left}px`;
    current.style.top = `${top}px`;
  }, [text, beside]);
  return (
    <div ref={box} popover="manual" role="tooltip" className="tooltip">
      {text}
      {keys !== undefined && <Keys keys={keys} />}
    </div>
  );
};

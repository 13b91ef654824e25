import { type RefObject, useEffect, useState } from 'react';

/** The width of an element in pixels; undefined: it is not drawn yet. */
export const useWidth = (frame: RefObject<HTMLElement | null>): number | undefined => {
  const [width, setWidth] = useState<number>();
  useEffect(() => {
    const { current } = frame;
    if (current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.round(entry.contentRect.width));
    });
    observer.observe(current);
    return () => {
      observer.disconnect();
    };
  }, [frame]);
  return width;
};

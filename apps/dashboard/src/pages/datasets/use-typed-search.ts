import { useEffect, useRef, useState } from 'react';

/** The address follows this long after the last letter, in milliseconds. */
const followsMs = 150;

/**
 * A text that filters while it is typed and stands in the address soon after.
 * @param inAddress what the address has
 * @param follow writes it there
 */
export const useTypedSearch = (
  inAddress: string,
  follow: (text: string) => void,
): readonly [string, (text: string) => void] => {
  const [typed, setTyped] = useState(inAddress);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    // Another one than was typed: somebody went back, or followed a link.
    if (timer.current === undefined) setTyped(inAddress);
  }, [inAddress]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
    },
    [],
  );
  const type = (text: string): void => {
    setTyped(text);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      timer.current = undefined;
      follow(text);
    }, followsMs);
  };
  return [typed, type];
};

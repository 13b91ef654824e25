import { useEffect, useState } from 'react';

import { changesAfter, relative } from './time.policy.js';

const exact = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  timeZoneName: 'short',
});

/** The time of this machine and its zone, to the millisecond. */
export const exactTime = (at: string): string => exact.format(new Date(at));

/** The present, in milliseconds; the component is drawn again when a text of that age changes. */
export const useNow = (at: number): number => {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setTimeout(
      () => {
        setNow(Date.now());
      },
      changesAfter(at, now),
    );
    return () => {
      clearTimeout(timer);
    };
  }, [at, now]);
  return now;
};

interface RelativeTimeProps {
  /** RFC 3339. */
  readonly at: string;
  /** In rows of tables: the exact time stands in the title, and the text takes no focus of its own. */
  readonly isQuiet?: boolean;
}

/** How long ago something was; the exact time shows when the pointer or the focus rests on it. */
export const RelativeTime = ({ at, isQuiet = false }: RelativeTimeProps) => {
  const ms = Date.parse(at);
  const now = useNow(ms);
  const text = relative(ms, now);
  if (isQuiet) {
    return (
      <time className="num" dateTime={at} title={exactTime(at)}>
        {text}
      </time>
    );
  }
  return (
    <time
      className="num"
      dateTime={at}
      tabIndex={0}
      role="note"
      aria-label={`${text}, ${exactTime(at)}`}
      data-tip={exactTime(at)}
    >
      {text}
    </time>
  );
};

import './page.css';

import { type ReactNode, useEffect } from 'react';

interface PageProps {
  readonly title: string;
  /** Beside the title: a state, a count. */
  readonly aside?: ReactNode;
  /** One sentence below it, where the title does not say enough. */
  readonly intro?: ReactNode;
  readonly actions?: ReactNode;
  /** The whole height for one list that scrolls by itself. */
  readonly isFull?: boolean;
  readonly children: ReactNode;
}

/** What every page starts with: its only h1, which also names the tab of the browser. */
export const Page = ({ title, aside, intro, actions, isFull = false, children }: PageProps) => {
  useEffect(() => {
    document.title = `${title} · Pulser`;
  }, [title]);
  return (
    <div className={isFull ? 'page page-full' : 'page'}>
      <header className="page-head">
        <div className="page-title">
          <h1 className="truncate">{title}</h1>
          {aside}
        </div>
        {actions !== undefined && <div className="page-actions">{actions}</div>}
        {intro !== undefined && <p className="page-intro">{intro}</p>}
      </header>
      {children}
    </div>
  );
};

interface PanelProps {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
  /** Without padding: for tables and charts that go to the edge. */
  readonly isFlush?: boolean;
}

/** A part of a page with its own heading. */
export const Panel = ({ title, aside, children, isFlush = false }: PanelProps) => (
  <section className="panel" aria-label={title}>
    <header className="panel-head">
      <h2>{title}</h2>
      {aside}
    </header>
    <div className={isFlush ? 'panel-body panel-flush' : 'panel-body'}>{children}</div>
  </section>
);

export interface Fact {
  readonly name: string;
  readonly value: ReactNode;
}

interface FactsProps {
  readonly facts: readonly Fact[];
  /** Side by side, where there is room: over the whole width of a page. */
  readonly isWide?: boolean;
}

/** Names and values, one below the other. */
export const Facts = ({ facts, isWide = false }: FactsProps) => (
  <dl className={isWide ? 'facts facts-wide' : 'facts'}>
    {facts.map(({ name, value }) => (
      <div key={name} className="fact">
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);

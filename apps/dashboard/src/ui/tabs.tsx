import './tabs.css';

import type { ReactNode } from 'react';
import { Tab, TabList, TabPanel, Tabs as AriaTabs } from 'react-aria-components/Tabs';

import { count } from './numbers.policy.js';

export interface TabOf<T extends string> {
  readonly id: T;
  readonly title: string;
  /** Shown beside the title: how many there are. */
  readonly count?: number | undefined;
  readonly content: ReactNode;
}

interface TabsProps<T extends string> {
  readonly label: string;
  readonly tabs: readonly TabOf<T>[];
  /** Keep it in the URL: `search.tab`. */
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** Parts of a page of which one is shown. */
export const Tabs = <T extends string>({ label, tabs, value, onChange }: TabsProps<T>) => (
  <AriaTabs
    className="tabs"
    selectedKey={value}
    onSelectionChange={(key) => {
      onChange(String(key) as T);
    }}
  >
    <TabList className="tab-list" aria-label={label}>
      {tabs.map(({ id, title, count: total }) => (
        <Tab key={id} id={id} className="tab">
          {title}
          {total !== undefined && <span className="tab-count num">{count(total)}</span>}
        </Tab>
      ))}
    </TabList>
    {tabs.map(({ id, content }) => (
      <TabPanel key={id} id={id} className="tab-panel">
        {content}
      </TabPanel>
    ))}
  </AriaTabs>
);

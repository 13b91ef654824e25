import './keys.css';

import { useNavigate, useSearch } from '@tanstack/react-router';

import { useKeys } from '../../app/keyboard.js';
import { useCaller, useMay } from '../../session/session.js';
import { Page } from '../../ui/page.js';
import { Tabs } from '../../ui/tabs.js';
import { KeyList } from './key-list.js';
import type { KeysSearch, KeysTab } from './keys-route.js';
import { SessionList } from './session-list.js';

export const KeysPage = () => {
  const search = useSearch({ from: '/frame/keys' });
  const navigate = useNavigate();
  const isAdmin = useMay('admin');
  const goTo = (next: KeysSearch): void => {
    void navigate({ to: '/keys', search: next, replace: true });
  };
  // Keys of the installation are made at the command line alone.
  const hasKeys = useCaller()?.tenant !== null && isAdmin;
  const tab = hasKeys ? (search.tab ?? 'keys') : 'sessions';
  const show = (next: KeysTab): void => {
    goTo({ tab: next });
  };
  useKeys(
    'Keys and sessions',
    hasKeys
      ? [
          {
            keys: 't',
            label: 'From keys to sessions and back',
            run: () => {
              show(tab === 'keys' ? 'sessions' : 'keys');
            },
          },
        ]
      : [],
  );
  const sessions = <SessionList search={search} isAdmin={isAdmin} onSearch={goTo} />;
  return (
    <Page
      title="Keys and sessions"
      intro="Programs show a key with every request. A browser shows it once and has a session from then on, which may do the same and ends with its key."
    >
      {hasKeys ? (
        <Tabs<KeysTab>
          label="Keys or sessions"
          value={tab}
          onChange={show}
          tabs={[
            { id: 'keys', title: 'Keys', content: <KeyList search={search} onSearch={goTo} /> },
            { id: 'sessions', title: 'Sessions', content: sessions },
          ]}
        />
      ) : (
        sessions
      )}
    </Page>
  );
};

// What stands around every page: navigation, who is logged in, the connection, keys and palette.
import './frame.css';

import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useRouter, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';

import { ConnectionState } from '../live/connection-state.js';
import { useLiveUpdates } from '../live/use-live.js';
import { logOut, may, useCaller } from '../session/session.js';
import { useSessionEnd } from '../session/use-session-end.js';
import { Button, IconButton } from '../ui/button.js';
import { Icon } from '../ui/icon.js';
import { Keys } from '../ui/keys.js';
import { Logo } from '../ui/logo.js';
import { Menu, MenuItem, MenuLine } from '../ui/menu.js';
import { toast, Toasts } from '../ui/toast.js';
import { type Command, useCommands } from './commands.js';
import { useKeys } from './keyboard.js';
import { NotForYouPage } from './not-for-you-page.js';
import type { Overlay } from './overlays.js';
import { isOffered, pageRefusal } from './page-access.policy.js';
import type { TypedCommands } from './palette.js';
import { chooseDensity, chooseTheme, useDensity, useIsDark } from './preferences.js';
import type { NavEntry } from './root-route.js';

const loadOverlays = () => import('./overlays.js');
const Overlays = lazy(() => loadOverlays().then(({ Overlays: component }) => ({ default: component })));

interface Place {
  readonly path: string;
  readonly title: string;
  readonly nav: NavEntry;
}

const groupTitles = { work: 'Work', tools: 'MCP', data: 'Data', admin: 'Administration' } as const satisfies Record<
  NavEntry['group'],
  string
>;
const groupOrder = Object.keys(groupTitles) as NavEntry['group'][];

/** The pages that have a place in the navigation and that the caller may open, in their order. */
const usePlaces = (): readonly Place[] => {
  const router = useRouter();
  const caller = useCaller();
  return useMemo(() => {
    const routes = Object.values(router.routesByPath) as readonly {
      readonly fullPath: string;
      readonly options: { readonly staticData?: { readonly title: string; readonly nav?: NavEntry } };
    }[];
    return routes
      .flatMap(({ fullPath, options: { staticData } }) =>
        staticData?.nav === undefined ? [] : [{ path: fullPath, title: staticData.title, nav: staticData.nav }],
      )
      .filter(({ nav }) => caller !== undefined && isOffered(nav, caller))
      .sort((a, b) => groupOrder.indexOf(a.nav.group) - groupOrder.indexOf(b.nav.group) || a.nav.order - b.nav.order);
  }, [router, caller]);
};

const NavLinks = ({ places }: { readonly places: readonly Place[] }) => (
  <nav className="nav" aria-label="Pages">
    {[...Map.groupBy(places, ({ nav }) => nav.group)].map(([group, of]) => (
      <div key={group} className="nav-group">
        <div className="nav-title">{groupTitles[group]}</div>
        {of.map(({ path, title, nav }) => (
          <Link
            key={path}
            to={path}
            className="nav-link"
            activeOptions={{ exact: path === '/', includeSearch: false }}
            activeProps={{ className: 'nav-link nav-link-active', 'aria-current': 'page' }}
          >
            <Icon name={nav.icon} />
            {title}
          </Link>
        ))}
      </div>
    ))}
  </nav>
);

const Account = () => {
  const caller = useCaller();
  const client = useQueryClient();
  const router = useRouter();
  const leave = async (): Promise<void> => {
    try {
      await logOut(client);
      await router.navigate({ to: '/login' });
    } catch (error) {
      toast.failed('You are still logged in', error);
    }
  };
  if (caller === undefined) return null;
  // A key of the installation has no tenant.
  const place = caller.tenant ?? 'Installation';
  return (
    <Menu
      label="Account"
      trigger={
        <Button kind="quiet">
          <span className="visually-hidden">Account</span>
          <span className="account-mark" aria-hidden="true">
            {place.slice(0, 1).toUpperCase()}
          </span>
          <span className="account-text">
            <span className="account-tenant truncate">{place}</span>
            <span className="account-name truncate">
              {caller.name} · {caller.role}
            </span>
          </span>
        </Button>
      }
    >
      <MenuItem icon="external" href="/docs">
        API documentation
      </MenuItem>
      <MenuLine />
      <MenuItem icon="logout" onAction={() => void leave()}>
        Log out
      </MenuItem>
    </Menu>
  );
};

const submitQuery = { id: 'query', title: 'Submit a query', icon: 'submit', words: 'sql data new task' } as const;
const queryPlace = { to: '/submit', search: { task_type: 'analytics', operation: 'query' } } as const;

const usePageKeys = (places: readonly Place[], open: { palette: () => void; keys: () => void }): void => {
  const navigate = useNavigate();
  const isDark = useIsDark();
  const density = useDensity();
  const switchTheme = (): void => {
    chooseTheme(isDark ? 'light' : 'dark');
  };
  const switchDensity = (): void => {
    chooseDensity(density === 'compact' ? 'cozy' : 'compact');
  };
  const goTo = (path: string) => (): void => {
    void navigate({ to: path });
  };
  // Keys of the installation have no tasks.
  const caller = useCaller();
  const mayQuery = may(caller, 'operator') && caller?.tenant !== null;
  useKeys('Everywhere', [
    { keys: 'mod+k', label: 'Find a page, an action or an id', run: open.palette, inFields: true },
    { keys: '?', label: 'Show the keys', run: open.keys },
    { keys: 'shift+d', label: 'Light or dark', run: switchTheme },
  ]);
  useKeys(
    'Go to',
    places.map(({ path, title, nav }) => ({ keys: `g ${nav.key}`, label: title, run: goTo(path) })),
  );
  const pages: readonly Command[] = places.map(({ path, title, nav }) => ({
    id: path,
    title,
    icon: nav.icon,
    keys: `g ${nav.key}`,
    run: goTo(path),
  }));
  useCommands('Page', pages);
  useCommands('Work', mayQuery ? [{ ...submitQuery, run: () => void navigate(queryPlace) }] : []);
  useCommands('View', [
    {
      id: 'theme',
      title: isDark ? 'Light theme' : 'Dark theme',
      icon: isDark ? 'light' : 'dark',
      keys: 'shift+d',
      words: 'mode colours',
      run: switchTheme,
    },
    {
      id: 'system',
      title: 'Theme of the system',
      icon: 'system',
      words: 'light dark mode',
      run: () => {
        chooseTheme('system');
      },
    },
    {
      id: 'density',
      title: density === 'compact' ? 'Roomy rows' : 'Compact rows',
      icon: 'menu',
      words: 'density',
      run: switchDensity,
    },
    { id: 'keys', title: 'Keys', icon: 'help', keys: '?', words: 'shortcuts help', run: open.keys },
  ]);
};

/** What a typed or pasted text can mean by itself. */
const useTypedCommands = (): TypedCommands => {
  const navigate = useNavigate();
  return useCallback(
    (typed, id) => {
      const go = (href: string) => (): void => {
        void navigate({ href });
      };
      if (id !== undefined) {
        return [
          { id: 'task', title: `Open task ${id}`, icon: 'tasks', run: go(`/tasks/${id}`) },
          { id: 'dead-letter', title: `Open dead letter ${id}`, icon: 'deadLetters', run: go(`/dead-letters/${id}`) },
        ];
      }
      return [
        {
          id: 'search',
          title: `Search tasks for “${typed}”`,
          icon: 'search',
          run: go(`/tasks?q=${encodeURIComponent(typed)}`),
        },
      ];
    },
    [navigate],
  );
};

const Brand = () => (
  <Link to="/" className="brand" aria-label="Pulser: overview">
    <Logo size={22} />
    <span>Pulser</span>
  </Link>
);

const Sidebar = ({ places }: { readonly places: readonly Place[] }) => (
  <div className="sidebar-inner">
    <Brand />
    <NavLinks places={places} />
    <div className="sidebar-end">
      <Account />
    </div>
  </div>
);

/** The page of the address, where it has something for the caller. */
const Shown = () => {
  const caller = useCaller();
  const { title, nav } = useRouterState({ select: ({ matches }) => matches.at(-1)?.staticData }) ?? {};
  const refusal = caller === undefined || nav === undefined ? undefined : pageRefusal(nav, caller);
  return refusal === undefined ? <Outlet /> : <NotForYouPage title={title ?? ''} refusal={refusal} />;
};

/** Milliseconds after which the overlays are fetched, so that the first one opens at once. */
const prefetchAfterMs = 2_000;

export const Frame = () => {
  const places = usePlaces();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const isDark = useIsDark();
  const [overlay, setOverlay] = useState<Overlay>();
  const [hasOpened, setOpened] = useState(false);
  if (overlay !== undefined && !hasOpened) setOpened(true);
  useEffect(() => {
    const timer = setTimeout(() => {
      // Without a connection it is loaded when it is opened.
      loadOverlays().catch(() => undefined);
    }, prefetchAfterMs);
    return () => {
      clearTimeout(timer);
    };
  }, []);
  const close = useCallback(() => {
    setOverlay(undefined);
  }, []);
  useSessionEnd();
  useLiveUpdates();
  usePageKeys(places, {
    palette: () => {
      setOverlay('palette');
    },
    keys: () => {
      setOverlay('keys');
    },
  });
  const typedCommands = useTypedCommands();
  useEffect(close, [path, close]);

  return (
    <div className="frame">
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <aside className="sidebar" aria-label="Navigation">
        <Sidebar places={places} />
      </aside>
      <div className="frame-main">
        <header className="topbar">
          <span className="topbar-menu">
            <IconButton
              icon="menu"
              label="Navigation"
              onPress={() => {
                setOverlay('drawer');
              }}
            />
            <Logo size={20} />
          </span>
          <Button
            kind="plain"
            icon="search"
            onPress={() => {
              setOverlay('palette');
            }}
          >
            <span className="topbar-find">Find</span>
            <span className="topbar-key">
              <Keys keys="mod+k" />
            </span>
          </Button>
          <span className="topbar-space" />
          <ConnectionState />
          <IconButton
            icon={isDark ? 'light' : 'dark'}
            label={isDark ? 'Light theme' : 'Dark theme'}
            keys="shift+d"
            onPress={() => {
              chooseTheme(isDark ? 'light' : 'dark');
            }}
          />
          <span className="topbar-help">
            <IconButton
              icon="help"
              label="Keys"
              keys="?"
              onPress={() => {
                setOverlay('keys');
              }}
            />
          </span>
        </header>
        <main id="main" className="main" tabIndex={-1}>
          <Shown />
        </main>
      </div>
      <Suspense>
        {hasOpened && (
          <Overlays
            open={overlay}
            onClose={close}
            typedCommands={typedCommands}
            navigation={<Sidebar places={places} />}
          />
        )}
      </Suspense>
      <Toasts />
    </div>
  );
};

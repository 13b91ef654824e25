import { describePage, openDashboard, type OpenOptions, sharedScene, viewports } from './dashboard-harness.js';
import { placeOf } from './route-samples.js';

const slow = 900_000;

type Screen = keyof typeof viewports;

/** Each page in both themes, and on each screen once. `EVERY_SCREEN=1` visits all six, for who looks at the pictures. */
const usualScreens: Readonly<Record<'light' | 'dark', readonly Screen[]>> = {
  light: ['phone', 'wall'],
  dark: ['laptop'],
};
const screensIn = (theme: 'light' | 'dark'): readonly Screen[] =>
  process.env['EVERY_SCREEN'] === '1' ? (Object.keys(viewports) as Screen[]) : usualScreens[theme];

interface Visit {
  readonly place: string;
  readonly screen: string;
  readonly options: OpenOptions;
}

/** Every place that the router knows, so that no page can be forgotten here. */
const routes = async (): Promise<string[]> => {
  const open = await openDashboard();
  const known = await open.page.evaluate(
    () => (globalThis as unknown as { pulser: { routes: string[] } }).pulser.routes,
  );
  await open.close();
  // The login has no page behind it for who is logged in; its own case visits it as nobody.
  return known.filter((route) => route !== '/login');
};

const nameOf = (route: string): string => (route === '/' ? 'overview' : route.slice(1).replaceAll(/[/$]+/g, '-'));

/** Axe, the policy, errors, and whether the page fits the screen. */
const faultsOf = async ({ place, screen, options }: Visit, picture: string): Promise<string[]> => {
  const open = await openDashboard({ path: place, ...options });
  try {
    await open.picture(picture);
    const axe = await open.axe();
    const wide = (await open.overflows()) ? ['it is wider than the window'] : [];
    return [...axe, ...open.faults, ...wide].map((fault) => `${place} ${screen}: ${fault}`);
  } finally {
    await open.close();
  }
};

describePage('every page that the router knows', () => {
  it.each(['light', 'dark'] as const)(
    'keeps the rules of accessibility and of its policy, on every screen: %s',
    async (theme) => {
      const scene = await sharedScene();
      const known = await routes();
      expect(known).toContain('/');
      const faults: string[] = [];
      for (const route of known) {
        for (const screen of screensIn(theme)) {
          const visit = { place: placeOf(route, scene), screen, options: { theme, viewport: viewports[screen] } };
          faults.push(...(await faultsOf(visit, `${nameOf(route)}-${theme}-${screen}`)));
        }
      }
      expect(faults).toEqual([]);
    },
    slow,
  );

  it(
    'is the login for who is nobody',
    async () => {
      for (const theme of ['light', 'dark'] as const) {
        for (const [screen, viewport] of Object.entries(viewports)) {
          const visit = { place: '/login', screen, options: { theme, viewport, as: 'nobody' as const } };
          expect(await faultsOf(visit, `login-${theme}-${screen}`)).toEqual([]);
        }
      }
    },
    slow,
  );
});

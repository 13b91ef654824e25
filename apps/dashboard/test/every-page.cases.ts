import { describePage, everyLook, type Look, openDashboard, sharedScene } from './dashboard-harness.js';
import { placeOf } from './route-samples.js';

const slow = 900_000;

/** Each page in both themes, and on each screen once. `EVERY_SCREEN=1` looks at all six, for who looks at the pictures. */
const looks: readonly Look[] =
  process.env['EVERY_SCREEN'] === '1'
    ? everyLook
    : [
        { theme: 'dark', screen: 'laptop' },
        { theme: 'light', screen: 'phone' },
        { theme: 'light', screen: 'wall' },
      ];

const nameOf = (route: string): string => (route === '/' ? 'overview' : route.slice(1).replaceAll(/[/$]+/g, '-'));

describePage('every page that the router knows', () => {
  it(
    'keeps the rules of accessibility and of its policy, and fits, in both themes and on every screen',
    async () => {
      const scene = await sharedScene();
      const open = await openDashboard();
      // So that no page can be forgotten here. The login has no page behind it for who is logged in.
      const routes = await open.page.evaluate(
        () => (globalThis as unknown as { pulser: { routes: string[] } }).pulser.routes,
      );
      expect(routes).toContain('/');
      const faults: string[] = [];
      for (const route of routes.filter((one) => one !== '/login')) {
        await open.goTo(placeOf(route, scene));
        faults.push(...(await open.faultsOn(looks, nameOf(route))));
      }
      expect(faults).toEqual([]);
      await open.close();
    },
    slow,
  );

  it(
    'is the login for who is nobody',
    async () => {
      const open = await openDashboard({ path: '/login', as: 'nobody' });
      expect(await open.faultsOn(everyLook, 'login')).toEqual([]);
      await open.close();
    },
    slow,
  );
});

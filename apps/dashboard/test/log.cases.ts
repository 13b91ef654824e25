import { describePage, sharedPulser } from './dashboard-harness.js';

describePage('the log of npm start', () => {
  it('has no warning of Node, whatever the pages did before', async () => {
    expect((await sharedPulser()).warnings).toEqual([]);
  });
});

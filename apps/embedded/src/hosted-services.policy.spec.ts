import { startable } from '@pulser/roster';

import { hostedServices } from './hosted-services.js';

describe('the services of this process', () => {
  it('are those of the roster, each with the port it has there', () => {
    expect(hostedServices.map(({ name, defaultPort }) => ({ name, port: defaultPort }))).toEqual(
      startable.map(({ name, port }) => ({ name, port })),
    );
  });
});

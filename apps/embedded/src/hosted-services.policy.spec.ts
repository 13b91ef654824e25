import { services } from '@pulser/roster';

import { definitions, hostedServices } from './hosted-services.js';

describe('the services of this process', () => {
  it('are those of the roster, each with the port it has there', () => {
    expect(hostedServices.map(({ name, kind, defaultPort }) => ({ name, kind, port: defaultPort }))).toEqual(
      services.map(({ name, kind, port }) => ({ name, kind, port })),
    );
  });

  it('are all that is imported', () => {
    expect(definitions.map(({ name }) => name).sort()).toEqual(services.map(({ name }) => name).sort());
  });
});

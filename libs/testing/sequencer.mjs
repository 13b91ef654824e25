// The order of suites: those that take a minute or more begin, so that none of them runs alone at the end. Jest itself only
// knows durations of an earlier run on the same machine, and takes large files for slow ones where there was none.
import { createRequire } from 'node:module';

const { default: Sequencer } = createRequire(import.meta.url)('@jest/test-sequencer');

/** The slowest first; by what they wait for, not by what they compute. */
const long = [
  'apps/chaos/test/chaos.e2e-spec.ts',
  'apps/gateway/test/api.e2e-spec.ts',
  'libs/messaging/test/rabbit-broker.spec.ts',
  'apps/embedded/test/input-fuzz.e2e-spec.ts',
  'apps/dashboard/test/dashboard.e2e-spec.ts',
  'apps/router/test/priorities.e2e-spec.ts',
  'libs/agent-runtime/test/isolation.spec.ts',
  'apps/embedded/test/npm-start.e2e-spec.ts',
  'apps/embedded/test/apart.e2e-spec.ts',
];

const rank = ({ path }) => {
  const index = long.findIndex((name) => path.endsWith(name));
  return index === -1 ? long.length : index;
};

export default class LongFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).toSorted((a, b) => rank(a) - rank(b));
  }
}

// TypeScript to JavaScript by SWC, with counters for coverage by Oxc: Babel, which Jest would take for these, needs thirty
// times as long, and most of the time that a first run spends on loading modules.
import { readFileSync } from 'node:fs';
import swcJest from '@swc/jest';
import { instrument } from 'oxc-coverage-instrument';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.resolve('oxc-coverage-instrument'))));

/** By this Jest finds the counters of a file that no suite has loaded: a member and a value of Istanbul's. */
const schema = '_coverageSchema: "1a1c01bbd47fc00a2c39e90264f33305004495a9"';
const counters = 'var coverageData = {';

function counted({ code, map }, path) {
  const result = instrument(code, path, {
    compat: 'istanbul',
    inputSourceMap: map,
    // Places in the source at once: Jest would carry the map of each file along and translate all of them after the last suite.
    composeInputSourceMap: true,
    sourceMap: true,
    trackOptionalChainBranches: false,
  });
  return { code: result.code.replace(counters, `${counters}${schema},`), map: result.sourceMap };
}

const createTransformer = (swcOptions) => {
  const swc = swcJest.createTransformer(swcOptions);
  return {
    canInstrument: true,
    getCacheKey: (...args) => `${swc.getCacheKey(...args)}-${version}`,
    process(source, path, options) {
      const compiled = swc.process(source, path, options);
      return options.instrument ? counted(compiled, path) : compiled;
    },
  };
};

export default { createTransformer };

import { nodeComplaint } from './node-version.policy.js';

describe('the version of Node', () => {
  it('is complained about, with the cure, when it is too old', () => {
    expect(nodeComplaint('20.20.2')).toMatch(/^Pulser cannot start: this is Node 20\.20\.2.* 24.*`npm start`/);
  });

  it('is fine from the one of the workspace on', () => {
    expect(nodeComplaint('24.0.0')).toBeUndefined();
    expect(nodeComplaint('26.1.0')).toBeUndefined();
  });
});

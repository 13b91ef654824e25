import { header, messageVersion } from '@pulser/contracts';

import { checkVersion } from './message-version.policy.js';

const check = (version: unknown) => () => {
  checkVersion({ [header.version]: version });
};

describe('the version of a message', () => {
  it.each([messageVersion - 1, messageVersion, messageVersion + 1])(
    '%s is read, as in a rolling upgrade',
    (version) => {
      expect(check(version)).not.toThrow();
    },
  );

  it('need not be said', () => {
    expect(() => {
      checkVersion({});
    }).not.toThrow();
  });

  it.each([messageVersion + 2, messageVersion - 2, '1', 1.5, null, {}])('%j makes a dead letter', (version) => {
    expect(check(version)).toThrow(expect.objectContaining({ reason: 'unsupported_version' }) as Error);
  });
});

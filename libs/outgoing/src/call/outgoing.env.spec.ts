import { Env } from '@pulser/service-kit';

import { rulesOfSettings } from './outgoing-settings.js';
import { outgoingEnv, outgoingRulesOf, outgoingSettingsOf } from './outgoing.env.js';

class SampleEnv extends Env(outgoingEnv) {}

describe('the settings of requests', () => {
  it('are the web and nothing private unless something else is said', () => {
    expect(outgoingRulesOf(SampleEnv.read({}))).toEqual({
      schemes: ['http', 'https'],
      ports: [80, 443, 8080, 8443],
      allowed: [],
      origins: [],
      timeoutMs: 60_000,
      idleMs: 30_000,
      maxBytes: 10_485_760,
      maxRedirects: 5,
    });
  });

  it('are lists with commas, and seconds', () => {
    const env = SampleEnv.read({
      OUTGOING_SCHEMES: 'https',
      OUTGOING_PORTS: '443, 11434',
      OUTGOING_ALLOW: 'Models.internal, 10.1.0.0/16',
      OUTGOING_IDLE_TIMEOUT_S: '0.5',
    });

    expect(outgoingRulesOf(env)).toMatchObject({ schemes: ['https'], ports: [443, 11_434], idleMs: 500 });
    expect(env.OUTGOING_ALLOW).toEqual([{ host: 'models.internal' }, { block: [expect.anything(), 16] }]);
  });

  it('are the same for a client that gets them as data', () => {
    const env = SampleEnv.read({
      OUTGOING_ALLOW: 'models.internal, 10.1.0.0/16, 127.0.0.1, fd00::/8, ::1',
      OUTGOING_ORIGINS: 'http://127.0.0.1:8000,https://a.dev',
    });
    const settings = outgoingSettingsOf(env);

    expect(settings.load).toEqual({ maxRate: 200, maxConnections: 20, maxSeconds: 60 });
    expect(rulesOfSettings(structuredClone(settings))).toEqual(outgoingRulesOf(env));
  });

  it.each([
    [{ OUTGOING_SCHEMES: 'http,ftp' }, 'OUTGOING_SCHEMES'],
    [{ OUTGOING_SCHEMES: ',' }, 'OUTGOING_SCHEMES'],
    [{ OUTGOING_PORTS: '80,0' }, 'OUTGOING_PORTS'],
    [{ OUTGOING_PORTS: 'all' }, 'OUTGOING_PORTS'],
    [{ OUTGOING_ALLOW: '127.1' }, 'OUTGOING_ALLOW'],
    [{ OUTGOING_ALLOW: 'a.dev:80' }, 'OUTGOING_ALLOW'],
    [{ OUTGOING_ORIGINS: '127.0.0.1:8000' }, 'OUTGOING_ORIGINS'],
    [{ OUTGOING_ORIGINS: 'http://a.dev/path' }, 'OUTGOING_ORIGINS'],
    [{ OUTGOING_ORIGINS: 'ftp://a.dev' }, 'OUTGOING_ORIGINS'],
    [{ OUTGOING_ORIGINS: 'http://me@a.dev' }, 'OUTGOING_ORIGINS'],
    [{ OUTGOING_TIMEOUT_S: '0' }, 'OUTGOING_TIMEOUT_S'],
    [{ OUTGOING_MAX_BYTES: '1.5' }, 'OUTGOING_MAX_BYTES'],
  ])('stop the start when they are wrong: %j', (source, variable) => {
    expect(() => SampleEnv.read(source)).toThrow(variable);
  });
});

import { addressOf } from './address.policy.js';

const tls = { ca: 'CA' };

describe('the address of an engine', () => {
  it.each([
    ['unix:///var/run/docker.sock', {}, { kind: 'socket', path: '/var/run/docker.sock' }],
    ['tcp://engine.test', {}, { kind: 'host', url: 'http://engine.test:2375', tls: {} }],
    ['tcp://engine.test', tls, { kind: 'host', url: 'https://engine.test:2376', tls }],
    ['tcp://[2001:db8::1]:99', tls, { kind: 'host', url: 'https://[2001:db8::1]:99', tls }],
    ['https://engine.test:443/', {}, { kind: 'host', url: 'https://engine.test:2376', tls: {} }],
    ['http://engine.test:8080', tls, { kind: 'host', url: 'http://engine.test:8080', tls: {} }],
  ])('%s %j', (host, given, expected) => {
    expect(addressOf(host, given)).toEqual(expected);
  });

  it.each([
    '',
    'engine.test',
    'ssh://me@engine.test',
    'npipe:////./pipe/x',
    'fd://',
    'tcp://u:p@engine.test',
    'tcp://x/y',
    'unix://x/y',
    'tcp://',
  ])('%j is none', (host) => {
    expect(() => addressOf(host, {})).toThrow(expect.objectContaining({ code: 'not_configured' }) as Error);
  });
});

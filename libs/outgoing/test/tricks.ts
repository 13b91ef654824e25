import { spellingsOf } from './address-spellings.js';

/** What an attacker's name server answers. */
export const names: Readonly<Record<string, readonly string[]>> = {
  'inside.test': ['127.0.0.1'],
  'six.test': ['::1'],
  'both.test': ['127.0.0.1', '::1'],
  'mixed.test': ['93.184.216.34', '127.0.0.1'],
  'mixed-first.test': ['::1', '93.184.216.34'],
  'mapped.test': ['::ffff:127.0.0.1'],
  'zero.test': ['0.0.0.0'],
  'zero-six.test': ['::'],
  'nat64.test': ['64:ff9b::7f00:1'],
  '6to4.test': ['2002:7f00:1::'],
  'compatible.test': ['::127.0.0.1'],
  'zone.test': ['fe80::1%lo'],
  'short.test': ['127.1'],
  'nothing.test': [],
  'private.test': ['10.0.0.1'],
  'shared.test': ['100.64.0.1'],
  'metadata.google.internal': ['169.254.169.254'],
  'one.127.0.0.1.nip.test': ['127.0.0.1'],
  'xn--bcher-kva.test': ['127.0.0.1'],
  unix: ['127.0.0.1'],
  localhost: ['127.0.0.1', '::1'],
  'localhost.': ['127.0.0.1', '::1'],
};

// Loopback, unspecified, private, shared by a carrier, multicast, broadcast, and where clouds answer.
const addresses = [
  ...['127.0.0.1', '127.255.255.254', '0.0.0.0', '10.0.0.1', '172.16.0.1', '192.168.0.1', '100.64.0.1', '224.0.0.1'],
  ...['255.255.255.255', '169.254.169.254', '169.254.170.2', '100.100.100.200', '168.63.129.16', '192.0.0.192'],
];

const sixes = [
  ...['::1', '0:0:0:0:0:0:0:1', '0000:0000:0000:0000:0000:0000:0000:0001', '::0.0.0.1', '::', '0::0', '::1%25lo'],
  ...['fe80::1', 'fe80::1%25lo', 'fe80::1%lo', 'fec0::1', 'fc00::1', 'fd00::2', 'fd00:ec2::254', 'ff02::1'],
  ...['2001:0:4136:e378:8000:63bf:80ff:fffe', '2001:db8::1'],
];

const otherNames = [
  ...['LOCALHOST', 'loc%61lhost', 'loc\u00adalhost', 'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ', 'BÜCHER.test', 'good.test%40127.0.0.1'],
  ...['good.test%00.127.0.0.1', '0ₓ7f.1', '٠x7f.1', '127.0.0.1.0', '@127.0.0.1'],
];

const schemes = [
  'ftp',
  'file',
  'gopher',
  'dict',
  'ldap',
  'ws',
  'wss',
  'tftp',
  'jar:http',
  'blob:http',
  'view-source:http',
];

const urls = (port: number): string[] => [
  ...['http:\\\\', 'http:/', 'http:', 'http:////', ' http://', 'ht\ttp://', 'HTTP://', 'https://'].map(
    (start) => `${start}127.0.0.1:${port}/`,
  ),
  ...['\\@good.test/', '#@good.test/', '?@good.test/', '@good.test/', ' '].map(
    (end) => `http://127.0.0.1:${port}${end}`,
  ),
  ...[`http://127.0.0.1:00${port}/`, 'http://127.0.0.1:22/', '//127.0.0.1/', 'data:text/plain,x'],
  ...['http://unix:/var/run/docker.sock:/containers/json', 'unix:///var/run/docker.sock'],
];

/** Ways to make somebody else ask this machine, or what only it may ask, by family; the trap listens at `port`. */
export const tricks = (port: number): Readonly<Record<string, readonly string[]>> => ({
  ...Object.fromEntries(
    addresses.map((address) => [address, spellingsOf(address).map((host) => `http://${host}:${port}/`)]),
  ),
  'IPv6 addresses': sixes.map((host) => `http://[${host}]:${port}/`),
  names: [...Object.keys(names), ...otherNames].map((host) => `http://${host}:${port}/`),
  schemes: schemes.map((scheme) => `${scheme}://127.0.0.1:${port}/`),
  'spellings of a URL': urls(port),
});

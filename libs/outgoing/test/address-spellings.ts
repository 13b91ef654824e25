const hex = (number: number): string => `0x${number.toString(16)}`;
const octal = (number: number): string => `0${number.toString(8)}`;
const shifted = (text: string, zero: number): string =>
  text.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));
const circled = (text: string): string =>
  text.replace(/\d/g, (digit) => (digit === '0' ? '⓪' : String.fromCodePoint(0x245f + Number(digit))));
const percent = (text: string): string => text.replace(/./g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);

const asNumbers = (quad: readonly number[]): string[] => {
  const [a = 0, b = 0, c = 0, d = 0] = quad;
  const [low, lower] = [c * 256 + d, (b * 256 + c) * 256 + d];
  const whole = a * 2 ** 24 + lower;
  return [
    ...[String(whole), `${whole}.`, hex(whole), hex(whole).toUpperCase(), octal(whole), octal(whole).padStart(15, '0')],
    ...[`${a}.${lower}`, `${a}.${b}.${low}`, `${hex(a)}.${octal(b)}.${low}`, `${octal(a)}.${hex(lower)}`],
    ...[quad.map(hex).join('.'), quad.map(octal).join('.'), quad.map((part) => octal(part).padStart(6, '0')).join('.')],
  ];
};

const inOtherSigns = (address: string): string[] => [
  ...[shifted(address, 0xff10), shifted(address, 0x1d7ce), circled(address), percent(address)],
  ...['。', '．', '｡'].map((dot) => address.replaceAll('.', dot)),
  ...['%2e', '\n.', '\u00ad.'].map((dot) => address.replaceAll('.', dot)),
];

const insideOfIPv6 = (address: string, quad: readonly number[]): string[] => {
  const [a = 0, b = 0, c = 0, d = 0] = quad;
  const pair = [a * 256 + b, c * 256 + d].map((half) => half.toString(16)).join(':');
  return [
    ...[`::ffff:${address}`, `::ffff:${pair}`, `::FFFF:${pair}`, `0:0:0:0:0:ffff:${address}`, `::ffff:${address}%25lo`],
    ...[`::${address}`, `::ffff:0:${address}`, `64:ff9b::${address}`, `64:ff9b::${pair}`, `64:ff9b:1::${address}`],
    ...[`2002:${pair}::`, `2002:${pair}::1`, `2001:0:${pair}::`, `2a00:1450::5efe:${address}`],
  ].map((host) => `[${host}]`);
};

/** One IPv4 address as parsers, resolvers and careless checks may read it: as a host, with user and port where they mislead. */
export const spellingsOf = (address: string): string[] => {
  const quad = address.split('.').map(Number);
  const misleading = ['good.test@', 'good.test:80@', ':@', 'good.test%2f@', 'ﬁ.test@'].map((user) => user + address);
  return [
    ...[address, `${address}.`, `${address}..`, ...misleading],
    ...[...asNumbers(quad), ...inOtherSigns(address), ...insideOfIPv6(address, quad)],
  ];
};

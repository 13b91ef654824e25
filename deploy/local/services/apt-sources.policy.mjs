/**
 * The archives that the text of an apt source file names, best guess for "the distribution itself" first.
 * Reads both forms: one line per source (`*.list`) and deb822 stanzas (`*.sources`); see sources.list(5).
 */
export const archivesIn = (text, fileName) =>
  (fileName.endsWith('.sources') ? stanzas(text) : lines(text)).filter(isDistribution).map((source) => source.uri);

/** Debian's own archives live below a folder of that name; other vendors' may use its suites and components too. */
export const mostLikelyFirst = (uris) => [...new Set(uris)].sort((a, b) => vendorRank(a) - vendorRank(b));

const vendorRank = (uri) => (/\/debian\/?$/.test(uri) || uri.startsWith('mirror+file:') ? 0 : 1);

const isDistribution = ({ uri, suite, components }) =>
  /^(https?|mirror\+file):/.test(uri) && !/security/.test(uri + suite) && components.includes('main');

const lines = (text) =>
  text.split('\n').flatMap((line) => {
    const [, uri, suite, components] = /^deb\s+(?:\[[^\]]*\]\s*)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line.trim()) ?? [];
    return uri === undefined ? [] : [{ uri, suite, components: components.split(/\s+/) }];
  });

const stanzas = (text) =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .split(/\n\s*\n/)
    .flatMap(sourcesOfStanza);

function sourcesOfStanza(stanza) {
  const field = (name) =>
    new RegExp(`^${name}:((?:.*)(?:\\n[ \\t].*)*)`, 'im').exec(stanza)?.[1].trim().split(/\s+/) ?? [];
  if (!field('Types').includes('deb') || /^(no|false|off|0)$/i.test(field('Enabled').join(''))) return [];
  const suite = field('Suites')
    .join(' ')
    .replace(/\S*security\S*/g, '');
  return suite.trim() === '' ? [] : field('URIs').map((uri) => ({ uri, suite, components: field('Components') }));
}

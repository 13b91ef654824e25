/** Licences of which a part may be in a work under AGPL-3.0-only: https://www.gnu.org/licenses/license-list.html */
export const allowedLicences = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  // Data (of browsers), not code.
  'CC-BY-4.0',
  'ISC',
  'MIT',
  // Its section 3.3 allows the combination.
  'MPL-2.0',
  // Fonts, which are shipped beside the program.
  'OFL-1.1',
  'Python-2.0',
  'Zlib',
]);

/** Packages that do not name a fitting licence, each with the reason why it is fine: `{ name: 'why' }`. */
export const explainedLicences = {};

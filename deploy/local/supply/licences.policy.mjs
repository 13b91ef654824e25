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
  'MIT-0',
  // Its section 3.3 allows the combination.
  'MPL-2.0',
  // Fonts, which are shipped beside the program.
  'OFL-1.1',
  // As Python-2.0, without the licences of its past.
  'PSF-2.0',
  'Python-2.0',
  'Unlicense',
  'Zlib',
]);

const mit = 'its package.json names none in this field; its file LICENSE is the MIT one';
/** Packages that do not name a fitting licence, each with the reason why it is fine: `{ name: 'why' }`. */
export const explainedLicences = {
  ...{ 'png-js': mit, buildcheck: mit, 'cpu-features': mit, ssh2: mit },
  '@modelcontextprotocol/server-everything': 'that of its repository: MIT, newer parts Apache-2.0; only specs use it',
};

/**
 * Whether an SPDX expression leaves us a choice of licences that are all allowed.
 * Grammar: https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/ (AND binds more tightly than OR). An
 * exception (`WITH`) makes another licence of it, which has to be allowed by its whole name.
 */
export function satisfies(expression, allowed) {
  const tokens = expression.replace(/\s+WITH\s+/g, ' WITH ').match(/[()]|[^\s()]+( WITH [^\s()]+)?/g) ?? [];
  let whole = true;
  const next = () => {
    whole &&= tokens.length > 0;
    return tokens.shift();
  };

  // Both sides are always read: a choice already made must not leave tokens behind.
  function either() {
    let result = both();
    while (tokens[0] === 'OR') result = next() && both() ? true : result;
    return result;
  }

  function both() {
    let result = one();
    while (tokens[0] === 'AND') result = next() && one() ? result : false;
    return result;
  }

  function one() {
    if (tokens[0] !== '(') return allowed.has(next());
    next();
    const result = either();
    return next() === ')' && result;
  }

  return either() && whole && tokens.length === 0;
}

/** Packages whose licence is unknown or does not fit, unless there is a reason for them. */
export const unfitLicences = (locked, { allowed, explained }) =>
  locked
    .filter(
      ({ name, license }) => !(name in explained) && !(typeof license === 'string' && satisfies(license, allowed)),
    )
    .map(({ name, license }) => `${name} ${JSON.stringify(license)}`);

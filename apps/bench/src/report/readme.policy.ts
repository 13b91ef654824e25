const begin = '<!-- results: written by `npm run bench -- --write` -->';
const end = '<!-- end of results -->';

/** The text with what is between the markers replaced. @throws when a marker is missing */
export const withResults = (readme: string, results: string): string => {
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the README has lost its markers: ${begin} ${end}`);
  return `${readme.slice(0, from + begin.length)}\n\n${results}\n\n${readme.slice(to)}`;
};

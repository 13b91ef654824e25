// Queries of Superset's lists are Rison: JSON in a form that needs little escaping in a URL. https://github.com/Nanonid/rison

/** What a query is made of. */
export type RisonValue =
  string | number | boolean | null | readonly RisonValue[] | { readonly [name: string]: RisonValue };

// Names of columns and operators; everything else is quoted.
const bare = /^[A-Za-z_][A-Za-z0-9_]*$/;

const text = (value: string): string =>
  bare.test(value) ? value : `'${value.replaceAll(/['!]/g, (sign) => `!${sign}`)}'`;

const isList = (value: RisonValue): value is readonly RisonValue[] => Array.isArray(value);

export const rison = (value: RisonValue): string => {
  if (value === null) return '!n';
  if (typeof value === 'boolean') return value ? '!t' : '!f';
  if (typeof value === 'number') return String(value).replace('e+', 'e');
  if (typeof value === 'string') return text(value);
  if (isList(value)) return `!(${value.map(rison).join(',')})`;
  const members = Object.entries(value).map(([name, member]) => `${text(name)}:${rison(member)}`);
  return `(${members.join(',')})`;
};

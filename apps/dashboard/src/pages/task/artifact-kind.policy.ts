export type ShownKind = 'png' | 'jpeg' | 'webp' | 'svg' | 'pdf' | 'markdown' | 'json' | 'text' | 'none';

const kinds: Readonly<Record<string, ShownKind>> = {
  'image/png': 'png',
  'image/jpeg': 'jpeg',
  'image/webp': 'webp',
  'image/svg+xml': 'svg',
  'application/pdf': 'pdf',
  'text/markdown': 'markdown',
  'application/json': 'json',
  'text/plain': 'text',
  'text/csv': 'text',
  'application/x-ndjson': 'text',
  'application/sql': 'text',
  'application/yaml': 'text',
  // Shown as its source: a page inside the page could imitate it.
  'text/html': 'text',
};

/** How a file of this media type is shown; `none`: only to be downloaded. */
export const kindOf = (mediaType: string): ShownKind => {
  const type = mediaType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
  if (kind !== undefined) return kind;
  if (type.endsWith('+json')) return 'json';
  return 'none';
};

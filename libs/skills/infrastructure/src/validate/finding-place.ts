// A place in a document as its reader names it.
import type { Part } from '../documents/part.js';
import type { Path } from '../documents/yaml-document.js';

/** RFC 6901. */
export const pointerOf = (path: Path): string =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

const manifestName = (manifest: Part): string =>
  `${manifest.at('kind').text ?? ''}/${manifest.at('metadata', 'name').text ?? ''}`;

/** The resource, component or service that a path leads into. */
export const resourceAt = (document: Part, [first, second]: Path): string | undefined => {
  if (document.at('kind').is('List') && first === 'items' && second !== undefined)
    return manifestName(document.at(first, Number(second)));
  if (document.at('kind').text !== undefined) return manifestName(document);
  if (second === undefined || first === undefined) return undefined;
  return document.at(first, Number(second)).at('name').text ?? (first === 'services' ? String(second) : undefined);
};

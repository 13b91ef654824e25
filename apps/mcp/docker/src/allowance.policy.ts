// Which images may be pulled and run: the list of DOCKER_ALLOWED_IMAGES.
import { ToolError } from '@pulser/mcp-server-kit';

import { nameOf, type Reference, referenceOf } from './reference.policy.js';

/** An entry of the list: an image, or with `/*` all repositories below. */
type Allowance = { readonly below: string } | { readonly image: Reference };

const allowanceOf = (text: string): Allowance => {
  const below = /^(.+)\/\*$/.exec(text)?.[1];
  // The name of any repository below shows whether what stands before it is one.
  const image = referenceOf(below === undefined ? text : `${below}/any`);
  if (image === undefined)
    throw new ToolError(
      'not_configured',
      `DOCKER_ALLOWED_IMAGES: ${JSON.stringify(text)} is no image, and no /* below one`,
    );
  return below === undefined ? { image } : { below: image.repository.replace(/any$/, '') };
};

/** @param list entries, comma separated. @throws ToolError not_configured */
export const allowancesOf = (list: string): readonly Allowance[] =>
  list
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map(allowanceOf);

// A tag says nothing about a digest: only an entry without a tag, or with that digest, covers it.
const covers = (allowance: Allowance, wanted: Reference): boolean => {
  if ('below' in allowance) return wanted.repository.startsWith(allowance.below);
  const { repository, tag, digest } = allowance.image;
  if (repository !== wanted.repository) return false;
  if (digest !== undefined) return digest === wanted.digest;
  if (tag === undefined) return true;
  return wanted.digest === undefined && tag === (wanted.tag ?? 'latest');
};

/** The name to give to the engine. @throws ToolError refused */
export const allowedName = (wanted: Reference, list: string): string => {
  if (allowancesOf(list).some((allowance) => covers(allowance, wanted))) return nameOf(wanted);
  throw new ToolError('refused', `${nameOf(wanted)} is not in DOCKER_ALLOWED_IMAGES`);
};

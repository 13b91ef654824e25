/** How things are named that tasks and people name: the API decides, this helps while somebody writes. */
export const nameShape = /^[a-z][a-z0-9-]{0,62}$/;

/** @returns undefined for a name that may be, or none yet */
export const nameFault = (name: string): string | undefined =>
  name === '' || nameShape.test(name)
    ? undefined
    : 'A small letter, then small letters, digits and hyphens, 63 at most.';

// Whether the name of an image says which image it is.

/** @returns why it does not, or undefined when it does */
export const imageProblem = (image: string): string | undefined => {
  if (image.includes('@sha256:')) return undefined;
  const name = image.slice(image.lastIndexOf('/') + 1);
  const [, tag] = name.split(':');
  if (tag === undefined || tag === '') return `The image ${image} has no tag, which means latest`;
  return tag === 'latest' ? `The image ${image} has the tag latest` : undefined;
};

type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Puts another method in the place of one of a class.
 * @param replacement gets the method that was there
 * @throws TypeError when there is no such method: then the layer has moved, and its preload must follow
 */
export const replaceMethod = (owner: object, name: string, replacement: (original: Method) => Method): void => {
  const original: unknown = Reflect.get(owner, name);
  if (typeof original !== 'function') throw new TypeError(`layers: there is no method ${name} any more`);
  Reflect.set(owner, name, replacement(original as Method));
};

/** The value that a token of `tokens.css` has in the theme of now, for what CSS does not reach: canvases and files. */
export const tokenOf = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

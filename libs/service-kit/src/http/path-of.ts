/** The path of a request without its query, which may hold secrets. */
export const pathOf = (request: { readonly url: string }): string => request.url.split('?', 1)[0] ?? '';

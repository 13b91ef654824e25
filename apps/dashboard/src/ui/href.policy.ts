/** An address that a link in a tenant's text may lead to: http, https or mailto; undefined for everything else. */
export const safeHref = (url: string): string | undefined => {
  const parsed = URL.parse(url.trim());
  return parsed !== null && /^(?:https?|mailto):$/.test(parsed.protocol) ? parsed.href : undefined;
};

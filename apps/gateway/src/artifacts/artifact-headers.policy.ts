import { createHash } from 'node:crypto';

import type { Artifact } from '@pulser/context-bus';

const svg = 'image/svg+xml';

/** Anything else could carry scripts that a browser would run as this site's own. */
const shown = new Set(['image/png', svg]);

// An SVG that is opened by itself is a document: nothing in it may load or run.
const svgPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

// RFC 8187: of what encodeURIComponent leaves alone, these are no attr-char.
const encoded = (name: string): string =>
  encodeURIComponent(name).replaceAll(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);

const disposition = ({ name, mediaType }: Artifact): string =>
  shown.has(mediaType) ? 'inline' : `attachment; filename*=UTF-8''${encoded(name)}`;

/** Headers of an answer with an artifact. The entity tag is the hash of the content (RFC 9110). */
export const artifactHeaders = (artifact: Artifact): Record<string, string> => ({
  'content-type': artifact.mediaType,
  'content-disposition': disposition(artifact),
  'x-content-type-options': 'nosniff',
  // To be asked again each time: a later attempt may replace it.
  'cache-control': 'private, no-cache',
  etag: `"${createHash('sha256').update(artifact.content).digest('base64url')}"`,
  ...(artifact.mediaType === svg && { 'content-security-policy': svgPolicy }),
});

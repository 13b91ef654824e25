// usage: node registry.mjs <layer.tar> <port>
// A registry with one image, `base/busybox:1`: https://github.com/opencontainers/distribution-spec
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';

const [, , layerPath, port] = process.argv;
const digestOf = (bytes) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const json = (value) => Buffer.from(JSON.stringify(value));
const docker = 'application/vnd.docker';

const archive = readFileSync(layerPath);
const layer = gzipSync(archive);
const config = json({
  architecture: { x64: 'amd64', arm64: 'arm64' }[process.arch],
  os: 'linux',
  config: { Env: ['PATH=/bin'], Cmd: ['sh'] },
  rootfs: { type: 'layers', diff_ids: [digestOf(archive)] },
});
const part = (mediaType, bytes) => ({ mediaType, size: bytes.length, digest: digestOf(bytes) });
const manifestType = `${docker}.distribution.manifest.v2+json`;
const manifest = json({
  schemaVersion: 2,
  mediaType: manifestType,
  config: part(`${docker}.container.image.v1+json`, config),
  layers: [part(`${docker}.image.rootfs.diff.tar.gzip`, layer)],
});
const blobs = new Map([config, layer].map((bytes) => [digestOf(bytes), bytes]));

const found = (path) => {
  const [, kind, reference] = /^\/v2\/base\/busybox\/(manifests|blobs)\/(.+)$/.exec(path) ?? [];
  if (kind === 'blobs' && blobs.has(reference))
    return { type: 'application/octet-stream', bytes: blobs.get(reference) };
  const isManifest = kind === 'manifests' && ['1', 'latest', digestOf(manifest)].includes(reference);
  return isManifest ? { type: manifestType, bytes: manifest } : undefined;
};

createServer(({ method, url }, response) => {
  if (url === '/v2/') return response.end('{}');
  const answer = found(url);
  if (answer === undefined)
    return response
      .writeHead(404, { 'content-type': 'application/json' })
      .end(JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] }));
  const headers = { 'content-type': answer.type, 'content-length': answer.bytes.length };
  response.writeHead(200, { ...headers, 'docker-content-digest': digestOf(answer.bytes) });
  return response.end(method === 'HEAD' ? undefined : answer.bytes);
}).listen(Number(port), '127.0.0.1');

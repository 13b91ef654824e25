// Writes `closed-schemas.js` into the folder of the build, out of packages that only a build needs (120 MB of them).
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { appPlatformSchema } from './app-platform-schema.js';
import { kubernetesSchemas } from './kubernetes-declarations.js';

/** The folder of a package as a module there would find it; the packages do not export all their files. */
const folderOf = (name: string, from = import.meta.url): string => {
  const places = createRequire(from).resolve.paths(name) ?? [];
  const found = places.map((place) => join(place, name)).find((folder) => existsSync(join(folder, 'package.json')));
  if (found === undefined) throw new Error(`The package ${name} is not installed: npm install`);
  return found;
};

const json = (file: string): Record<string, unknown> => JSON.parse(readFileSync(file, 'utf8')) as never;

const composeSchema = (): unknown => {
  const schema = json(join(folderOf('dclint'), 'schemas/compose.schema.json'));
  // It names a draft by an address that ajv does not know.
  delete schema['$schema'];
  return schema;
};

// What is taken from other works keeps their notices.
const notice = `/*!
 * Generated. Kubernetes: from kubernetes-models (MIT, Tommy Chen) and through it the OpenAPI document of Kubernetes
 * (Apache-2.0, The Kubernetes Authors). App Platform: from @digitalocean/mcp (MIT, DigitalOcean). Compose: from dclint
 * (MIT, Sergey Kupletsky) and through it the Compose specification (Apache-2.0, Docker Inc.). All changed: closed,
 * descriptions removed. Licences: https://spdx.org/licenses/MIT.html, https://spdx.org/licenses/Apache-2.0.html
 */
`;

const { devDependencies } = json(fileURLToPath(new URL('../../package.json', import.meta.url)));
const folder = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../dist' : '..', import.meta.url));
const models = folderOf('kubernetes-models');
const schemas = {
  kubernetes: kubernetesSchemas([folderOf('@kubernetes-models/apimachinery', join(models, 'package.json')), models]),
  'app-platform': appPlatformSchema(json(join(folderOf('@digitalocean/mcp'), 'dist/app-create-schema.json'))),
  compose: composeSchema(),
};
const file = join(folder, 'closed-schemas.js');
mkdirSync(dirname(file), { recursive: true });
// By renaming: another process may read it at this moment.
writeFileSync(
  `${file}.${process.pid}`,
  `// ${JSON.stringify(devDependencies)}\n${notice}export default ${JSON.stringify(schemas)};\n`,
);
renameSync(`${file}.${process.pid}`, file);

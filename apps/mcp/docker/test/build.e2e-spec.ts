import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { filesIn } from './fake-engine/engine.js';
import { SampleEngine } from './sample-engine.js';

const built = [
  { stream: 'Step 1/2 : FROM alpine' },
  { stream: '\n' },
  { stream: ' ---> 1\n' },
  { stream: 'Step 2/2 : COPY . /' },
  { aux: { ID: 'sha256:b1' } },
  { stream: 'Successfully built b1\n' },
];

let sample: SampleEngine;
let folder: string;
let root: string;

const write = async (path: string, content = path): Promise<void> => {
  await mkdir(join(root, path, '..'), { recursive: true });
  await writeFile(join(root, path), content);
};

beforeEach(async () => {
  sample = await SampleEngine.start();
  sample.engine.messages = built;
  folder = await mkdtemp(join(tmpdir(), 'build-'));
  root = join(folder, 'root');
  await write('shop/Dockerfile', 'FROM alpine\nCOPY . /\n');
  await writeFile(join(folder, 'secret'), 'a secret of the machine');
});

afterEach(async () => {
  await sample.close();
  await rm(folder, { recursive: true });
});

const build = (args: Record<string, unknown> = {}, over: Record<string, string> = {}, privateAddresses = true) =>
  sample.call(
    'image_build',
    { context: 'shop', name: 'shop:1', ...args },
    { variables: { ...sample.variables, DOCKER_BUILD_ROOT: root, ...over }, privateAddresses },
  );
const sent = async () => filesIn(sample.lastOf('POST', '/build')?.body ?? Buffer.alloc(0));
const wasSent = (): boolean => sample.lastOf('POST', '/build') !== undefined;

describe('a build', () => {
  it('sends its context and gives the image a name that no registry has', async () => {
    await write('shop/src/main.js');
    await symlink('src/main.js', join(root, 'shop/link'));
    const { result } = await build({ target: 'app', build_args: { V: '1' }, network: 'none' });
    expect(result).toMatchObject({
      ...{ image: 'pulser.invalid/shop:1', id: 'sha256:b1', steps: 2, context_files: 2, truncated: false },
      log: expect.stringContaining('Successfully built') as string,
    });
    expect(await sent()).toEqual({
      ...{
        Dockerfile: 'FROM alpine\nCOPY . /\n',
        link: '-> src/main.js',
        'src/': '',
        'src/main.js': 'shop/src/main.js',
      },
    });
    const query = Object.fromEntries(new URL(sample.lastOf('POST', '/build')?.path ?? '', 'http://x').searchParams);
    expect(query).toMatchObject({
      ...{
        t: 'pulser.invalid/shop:1',
        dockerfile: 'Dockerfile',
        target: 'app',
        buildargs: '{"V":"1"}',
        networkmode: 'none',
      },
      ...{ memory: '1073741824', cpuquota: '200000' },
    });
  });

  it('leaves out what .dockerignore names, with its exceptions, and keeps the Dockerfile', async () => {
    await write('shop/.dockerignore', '# a comment\nnode_modules\n**/*.log\nsecrets\n!secrets/public\nDockerfile\n');
    for (const path of [
      'node_modules/a/index.js',
      'a.log',
      'src/deep/b.log',
      'src/main.js',
      'secrets/key',
      'secrets/public/ca.pem',
    ])
      await write(`shop/${path}`);
    expect((await build()).error).toBeUndefined();
    expect(
      Object.keys(await sent())
        .filter((path) => !path.endsWith('/'))
        .toSorted(),
    ).toEqual(['.dockerignore', 'Dockerfile', 'secrets/public/ca.pem', 'src/main.js']);
  });

  it.each(['..', '../..', 'shop/../..', '../root2', 'shop/../../root2'])(
    'reads nothing outside of its root: %s',
    async (context) => {
      await mkdir(join(folder, 'root2'));
      await writeFile(join(folder, 'root2/Dockerfile'), 'FROM alpine');
      expect((await build({ context })).error?.code).toBe('refused');
      expect(wasSent()).toBe(false);
    },
  );

  it.each(['/', '/etc', '\0'])('takes no context %j', async (context) => {
    expect((await build({ context })).error?.code).toBe('invalid_args');
  });

  it('follows no link out of its root: of the context, of a file, of .dockerignore, of the Dockerfile', async () => {
    await symlink(folder, join(root, 'out'));
    expect((await build({ context: 'out' })).error?.code).toBe('refused');
    expect((await build({ context: 'out/root/shop' })).error).toBeUndefined();
    for (const target of ['../../secret', join(folder, 'secret'), '/etc/passwd']) {
      const link = join(root, 'shop/link');
      await symlink(target, link);
      expect((await build()).error).toEqual({ code: 'refused', message: 'link leads out of DOCKER_BUILD_ROOT' });
      await write('shop/.dockerignore', 'link\n');
      expect((await build()).error).toBeUndefined();
      expect(Object.values(await sent()).join()).not.toContain('a secret');
      await rm(link);
      await rm(join(root, 'shop/.dockerignore'));
    }
    await symlink('../../secret', join(root, 'shop/.dockerignore'));
    expect((await build()).error?.code).toBe('refused');
    await rm(join(root, 'shop/.dockerignore'));
    await rm(join(root, 'shop/Dockerfile'));
    await symlink('../../secret', join(root, 'shop/Dockerfile'));
    expect((await build()).error?.code).toBe('not_found');
  });

  it('needs a Dockerfile in its context, and a folder', async () => {
    expect((await build({ dockerfile: 'other' })).error).toEqual({
      code: 'not_found',
      message: 'The context has no file other',
    });
    for (const dockerfile of ['../Dockerfile', '/etc/passwd', 'a/../../b'])
      expect((await build({ dockerfile })).error?.code).toBe('invalid_args');
    expect((await build({ context: 'nothing' })).error?.code).toBe('not_found');
    expect((await build({ context: 'shop/Dockerfile' })).error?.code).toBe('invalid_args');
  });

  it('names no image of a registry', async () => {
    for (const name of ['', 'A', 'alpine@sha256:x', '../x', 'a b', ':1'])
      expect((await build({ name })).error?.code).toBe('invalid_args');
    expect((await build({ name: 'docker.io/library/alpine' })).result).toMatchObject({
      image: 'pulser.invalid/docker.io/library/alpine:latest',
    });
  });

  it('that fails says in which step, and what that wrote', async () => {
    const message = "The command '/bin/sh -c make' returned a non-zero code: 2";
    sample.engine.messages = [
      ...built.slice(0, 3),
      { stream: 'make: *** No rule to make target\n' },
      { errorDetail: { code: 2, message }, error: message },
    ];
    const { error } = await build();
    expect(error?.code).toBe('upstream_error');
    expect(error?.message).toContain(message);
    expect(error?.message).toContain('No rule to make target');
  });

  it('that ends without an image is no success', async () => {
    sample.engine.messages = built.slice(0, 3);
    expect((await build()).error?.code).toBe('upstream_error');
  });

  it('reports its steps', async () => {
    const seen: unknown[] = [];
    await sample.call(
      'image_build',
      { context: 'shop', name: 'shop' },
      {
        variables: { ...sample.variables, DOCKER_BUILD_ROOT: root },
        onProgress: ({ progress, total }) => seen.push([progress, total]),
      },
    );
    expect(seen).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });

  it('reads files of this machine for its operator alone', async () => {
    const host = { DOCKER_HOST: 'tcp://93.184.216.34:2375' };
    expect((await build({}, host, false)).error).toEqual({
      code: 'refused',
      message: 'DOCKER_BUILD_ROOT: only the operator may name a folder',
    });
    expect((await build({}, { DOCKER_BUILD_ROOT: '' })).error).toMatchObject({ code: 'not_configured' });
    expect(wasSent()).toBe(false);
  });
});

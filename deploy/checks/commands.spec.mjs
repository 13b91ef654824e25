// The commands of the pages: what they name is there.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cli } from '@pulser/cli';
import { parse } from 'yaml';
import { read } from './deployments.mjs';

const root = join(import.meta.dirname, '../..');
const pages = ['README.md', 'compose/README.md', 'kubernetes/README.md'];

/** Commands in blocks of a shell, without comments. */
const commandsOf = (page) =>
  [...read(`deploy/${page}`).matchAll(/```sh\n([^]*?)```/g)].flatMap(([, block]) =>
    block
      .split('\n')
      .map((line) => line.replace(/(^|\s)#.*/, '').trim())
      .filter((line) => line !== '')
      .map((command) => ({ page, command })),
  );

const commands = pages.flatMap(commandsOf);
const matching = (pattern) =>
  commands.flatMap(({ page, command }) => {
    const found = pattern.exec(command);
    return found === null ? [] : [{ page, command, found: found.slice(1) }];
  });

const foldersOf = (page) => [root, join(root, 'deploy', page, '..')];
const isThere = (page, path) => foldersOf(page).some((folder) => existsSync(join(folder, path)));

const composeText = (page, file) => {
  const found = [file, `deploy/${page.replace('README.md', '')}${file}`].find((path) => existsSync(join(root, path)));
  return read(found);
};

describe('the commands of the pages', () => {
  it('are some', () => {
    expect(commands.length).toBeGreaterThan(20);
  });

  const scripts = matching(/npm run (?:--silent )?([\w:]+)/);
  it.each(scripts)('$page: $command (a script of package.json)', ({ found: [name] }) => {
    expect(Object.keys(JSON.parse(read('package.json')).scripts)).toContain(name);
  });

  const files = [...matching(/(?:-k|--spec|-f|^cp) ([\w./-]+)/)].filter(({ found: [path] }) => path !== '-');
  it.each(files)('$page: $command (a file of the repository)', ({ page, found: [path] }) => {
    expect([path, isThere(page, path)]).toEqual([path, true]);
  });

  const composed = matching(
    /docker compose (?:-f (\S+) )?(?:--profile \w+ )?(?:run --rm|up(?: --[\w-]+)*) ([a-z][\w-]*)(?:$| )/,
  );
  it.each(composed)('$page: $command (a service of the compose file)', ({ page, found: [file, service] }) => {
    const { services } = parse(composeText(page, file ?? 'docker-compose.yml'), { merge: true });
    expect(Object.keys(services)).toContain(service);
  });

  const calls = matching(/run --rm cli (\w+ \w+)/);
  it.each(calls)('$page: $command (a command of the command line)', async ({ found: [call] }) => {
    expect(await cli([...call.split(' '), '--help'])).toMatchObject({ exitCode: 0 });
  });
});

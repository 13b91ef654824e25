// What `docker compose up` does about a change: a container whose configuration differs is deleted and made anew.
import { type Consequence, consequence, type PlannedChange } from './planned-change.js';

const kindOf = ({ label }: PlannedChange): string => label.split('/')[0] ?? '';

/** What compose leaves out of the hash by which it notices a change (pkg/compose/hash.go of docker/compose). */
const notHashed = new Set(['build', 'pull_policy', 'scale', 'depends_on', 'profiles']);

const serviceChange = ({ paths, after }: PlannedChange): Consequence => {
  const isScale = (path: readonly unknown[]): boolean => path[0] === 'deploy' && path[1] === 'replicas';
  if (paths.every((path) => notHashed.has(String(path[0])) || isScale(path)))
    return consequence('none', 'Containers that run go on; a build or another number of them takes effect at its time');
  const again = 'The container is deleted and made anew';
  if (after?.at('read_only').is(true) === true) return consequence('recreated', `${again}; its volumes stay`);
  const hasVolumes = after?.at('volumes').exists === true;
  const reason = `${again}; ${hasVolumes ? 'its volumes stay, ' : ''}what it wrote to its own file system is lost`;
  return consequence('recreated', reason, !hasVolumes);
};

const removals: Readonly<Record<string, Consequence>> = {
  services: consequence('deleted', 'With --remove-orphans its container is deleted; without, it goes on unnoticed'),
  volumes: consequence('deleted', 'It stays on the machine until it is removed by hand, but nothing uses it'),
  networks: consequence('deleted', 'It stays until compose down'),
};

const changes: Readonly<Record<string, Consequence>> = {
  volumes: consequence('recreated', 'Compose asks whether to delete the volume and make it anew', true),
  networks: consequence('recreated', 'It is made anew, and the containers in it are restarted'),
  configs: consequence('restarted', 'Containers that use it are made anew'),
  secrets: consequence('restarted', 'Containers that use it are made anew'),
};

const fileChange = ({ paths }: PlannedChange): Consequence =>
  paths.some(([first]) => first === 'name')
    ? consequence(
        'recreated',
        'Under another project name everything is made anew beside the old; volumes begin empty',
        true,
      )
    : consequence('none', 'Nothing that runs notices');

/** What happens to the service, volume or network. */
export const composeConsequence = (change: PlannedChange): Consequence => {
  const kind = kindOf(change);
  if (kind === 'file') return fileChange(change);
  if (change.before === undefined) return consequence('created', 'It is new');
  if (change.after === undefined) return removals[kind] ?? consequence('deleted', 'Nothing else is deleted with it');
  return kind === 'services'
    ? serviceChange(change)
    : (changes[kind] ?? consequence('updated', 'It is changed in place'));
};

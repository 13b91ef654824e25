// What a change of an App Platform spec does. Each change is a new deployment of the app.
import type { Part } from '../documents/part.js';
import { type Consequence, consequence, type PlannedChange, touches } from './planned-change.js';

const kindOf = ({ label }: PlannedChange): string => label.split('/')[0] ?? '';

const isDevelopment = (database: Part | undefined): boolean => database?.at('production').is(true) !== true;

const appChange = ({ paths }: PlannedChange): Consequence => {
  if (touches(paths, 'region') || touches(paths, 'vpc'))
    return consequence('recreated', 'An app cannot move to another region or network: it must be made anew', true);
  if (touches(paths, 'envs'))
    return consequence('restarted', 'Variables of the app belong to all components: all start anew');
  return consequence('updated', 'A new deployment; names, domains, rules and alerts change without a build');
};

const databaseChange = ({ before, paths }: PlannedChange): Consequence => {
  if (touches(paths, 'engine') || touches(paths, 'cluster_name') || touches(paths, 'production'))
    return consequence('recreated', 'It becomes another database: nothing is copied', true);
  if (touches(paths, 'version'))
    return consequence('restarted', 'An upgrade of the engine, which does not go back', isDevelopment(before));
  return consequence('updated', 'It is changed in place');
};

const removal = (change: PlannedChange): Consequence => {
  if (kindOf(change) !== 'databases') return consequence('deleted', 'Its instances are stopped');
  return isDevelopment(change.before)
    ? consequence('deleted', 'A development database is deleted with its data', true)
    : consequence('deleted', 'The managed cluster stays, but the app is detached from it');
};

const scaling = new Set(['instance_count', 'autoscaling', 'alerts', 'log_destinations']);

const componentChange = ({ paths, label }: PlannedChange): Consequence => {
  if (paths.every(([first]) => scaling.has(String(first))))
    return consequence('updated', 'Instances are added or removed');
  if (label.startsWith('static_sites/')) return consequence('restarted', 'It is built and published anew');
  if (label.startsWith('jobs/')) return consequence('updated', 'It counts from its next run on');
  return consequence('restarted', 'Its instances are replaced; those of other components may be as well');
};

/** What happens to the component. */
export const appPlatformConsequence = (change: PlannedChange): Consequence => {
  if (change.before === undefined) return consequence('created', 'It is new');
  if (change.after === undefined) return removal(change);
  const kind = kindOf(change);
  if (kind === 'app') return appChange(change);
  return kind === 'databases' ? databaseChange(change) : componentChange(change);
};

// Every file of a deployment that follows from the roster, the users of the broker or the alert rules.
import { appPlatformSpec } from './app-platform.mjs';
import { productionPrometheus, productionWithRoster, withRoster } from './compose.mjs';
import { kubernetesFiles } from './kubernetes.mjs';

const production = 'deploy/compose/production.yml';
const images = 'deploy/kubernetes/images/kustomization.yaml';
const ruleFiles = ['deploy/monitoring/pulser.rules.yml', 'deploy/monitoring/pulser.slo.rules.yml'];

const below = (folder, files) =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));

/**
 * The text of each by its path from the root.
 * @param read the text of a file as it is: some parts of these files are written by hand
 */
export const writtenFiles = (roster, read) => ({
  'docker-compose.yml': withRoster(read('docker-compose.yml'), roster),
  [production]: productionWithRoster(read(production), roster),
  'deploy/compose/config/prometheus.yml': productionPrometheus(roster),
  'deploy/app-platform/pulser.yaml': appPlatformSpec(roster),
  ...below('deploy/kubernetes', kubernetesFiles(roster, { imagesBefore: read(images), rules: ruleFiles.map(read) })),
});

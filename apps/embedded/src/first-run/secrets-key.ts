import { newSecretsKey, secretsKeyFile } from '@pulser/context-bus';

import type { DataFolder } from '../data-folder/data-folder.js';
import { SecretFile } from '../data-folder/secret-file.js';

/** SECRETS_KEY of this installation, unless the user sets one: kept in the data folder, made at the first start. */
export const ownSecretsKey = (folder: DataFolder): string => {
  const file = new SecretFile(folder.place(secretsKeyFile));
  const kept = file.read();
  if (kept !== undefined) return kept;
  const made = newSecretsKey();
  file.write(made);
  return made;
};

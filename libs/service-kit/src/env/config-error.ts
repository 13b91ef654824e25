/** A variable has a wrong value. The message is one line that says which, what is wrong and what would be right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

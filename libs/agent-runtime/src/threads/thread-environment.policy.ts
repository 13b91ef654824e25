// What programs need to find others and to write dates and texts. Everything else may be a secret.
const harmless = ['PATH', 'TZ', 'LANG', 'LC_ALL', 'TMPDIR'] as const;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The variables that handlers see in `process.env`. It keeps secrets from being used or logged by accident; it is no
 * wall: whoever runs code in this process can reach all of it.
 */
export const threadEnvironment = (environment: Environment): Record<string, string> =>
  Object.fromEntries(
    harmless.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

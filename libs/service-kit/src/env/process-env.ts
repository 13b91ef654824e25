/** Variables by name, as a process or a test gives them. */
export type EnvSource = Readonly<Record<string, string | undefined>>;

/** The only place that reads process.env: everything else gets its configuration injected. */
export const processEnv = (): EnvSource => process.env;

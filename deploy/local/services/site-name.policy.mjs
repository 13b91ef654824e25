const separator = '@';

/** The name of an instance of a suite: servers, data and ports of its own beside the suite's. */
export const instanceName = (suite, instance) => `${suite}${separator}${instance}`;

/** Undefined for a suite's own servers. */
export const instanceOf = (siteName) => siteName.split(separator)[1];

export const suiteOf = (siteName) => siteName.split(separator)[0];

export const isInstance = (siteName) => siteName.includes(separator);

/** Folders, logs and locks carry the name. */
export const isInstanceName = (text) => /^[a-z][a-z0-9-]{0,30}$/.test(text);

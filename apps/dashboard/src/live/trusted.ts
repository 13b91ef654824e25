// The one policy of Trusted Types: addresses of scripts of this very page, which workers are started from.

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): {
    createScriptURL(url: string): string;
  };
}

const own = (url: string): string => {
  const { origin, pathname } = new URL(url, location.href);
  if (origin === location.origin && (pathname.startsWith('/ui/assets/') || import.meta.env.DEV)) return url;
  throw new Error('Not a script of this page');
};

const policy = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('pulser', {
  createScriptURL: own,
});

/** The address of a worker's script, such that the browser takes it. @throws Error when it is of somewhere else */
export const workerUrl = (url: string): string => (policy === undefined ? own(url) : policy.createScriptURL(url));

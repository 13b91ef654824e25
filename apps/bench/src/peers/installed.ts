import { runScript } from '@pulser/harness';
import { z } from 'zod';

const Packages = z.object({
  /** The peers' programs on Node, beside what they import. */
  folder: z.string(),
});
export type Packages = z.infer<typeof Packages>;

const Debian = z.object({
  /** Where the peers' programs and data are, seen from outside of the root filesystem and from inside. */
  folder: z.string(),
  inside: z.string(),
  /** Before any command that is to run in it. */
  argv: z.tuple([z.string()], z.string()),
  env: z.record(z.string(), z.string()),
  /** The account that commands run as. */
  uid: z.number(),
  gid: z.number(),
});
export type Debian = z.infer<typeof Debian>;

const install = async (what: string): Promise<unknown> => JSON.parse(await runScript('peers.mjs', [what]));

/** Installs the peers' npm packages outside of the project's own. */
export const installPackages = async (): Promise<Packages> => Packages.parse(await install('packages'));

/** Makes the Debian root filesystem that peers run in. @throws Unavailable when this machine cannot have one */
export const installDebian = async (): Promise<Debian> => Debian.parse(await install('debian'));

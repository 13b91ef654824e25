// The commands of runbooks: the fenced blocks of their pages.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const fence = /^```(\w+)\n([\s\S]*?)^```$/gm;

/** @returns {{ language: string, text: string }[]} a line of `bash` each, a whole block of anything else */
export const commandsIn = (page) =>
  [...page.matchAll(fence)].flatMap(([, language, block]) =>
    (language === 'bash' ? block.trim().split('\n') : [block.trim()]).map((text) => ({ language, text })),
  );

/** Every command of the folder's runbooks, each once, with the pages that have it. */
export const commandsOf = (folder) => {
  const byText = new Map();
  for (const name of readdirSync(folder).filter((file) => file.startsWith('Pulser')))
    for (const command of commandsIn(readFileSync(join(folder, name), 'utf8'))) {
      const known = byText.get(command.text) ?? { ...command, pages: [] };
      byText.set(command.text, known);
      known.pages.push(name);
    }
  return [...byText.values()];
};

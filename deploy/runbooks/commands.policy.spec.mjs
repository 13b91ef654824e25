import { readdirSync } from 'node:fs';
import { commandsIn, commandsOf } from './commands.policy.mjs';

it('every line of bash is a command, and every block of SQL', () => {
  const page = '# A\n\n```bash\none\ntwo -x\n```\n\n```sql\nselect 1;\nselect 2;\n```\n\n`not one`\n';
  expect(commandsIn(page)).toEqual([
    { language: 'bash', text: 'one' },
    { language: 'bash', text: 'two -x' },
    { language: 'sql', text: 'select 1;\nselect 2;' },
  ]);
});

it('every runbook has a command, in a language that the specs run', () => {
  const commands = commandsOf(import.meta.dirname);
  const pages = readdirSync(import.meta.dirname).filter((name) => name.startsWith('Pulser'));
  expect([...new Set(commands.flatMap((command) => command.pages))].sort()).toEqual(pages.sort());
  for (const { language, pages: of } of commands)
    expect({ of, isRun: ['bash', 'sql'].includes(language) }).toEqual({ of, isRun: true });
});

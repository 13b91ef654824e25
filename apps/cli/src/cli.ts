// The command line: the table of commands, their help, and one outcome per call.
import { ConfigError, messageOf } from '@pulser/service-kit';
import { Command, CommanderError, Help } from 'commander';

import { type AddCommands, programName, UsageError } from './command.js';
import { addAgents } from './commands/agents.command.js';
import { addAudit } from './commands/audit.command.js';
import { addDeadLetters } from './commands/dead-letters.command.js';
import { addKeys } from './commands/keys.command.js';
import { addLink } from './commands/link.command.js';
import { addMigrate } from './commands/migrate.command.js';
import { addPauses } from './commands/pauses.command.js';
import { addSchema } from './commands/schema.command.js';
import { addSecrets } from './commands/secrets.command.js';
import { addTenants } from './commands/tenants.command.js';
import { addVerify } from './commands/verify.command.js';

const table: readonly AddCommands[] = [
  addMigrate,
  addSchema,
  addKeys,
  addTenants,
  addPauses,
  addAgents,
  addAudit,
  addDeadLetters,
  addSecrets,
  addVerify,
  addLink,
];

const description =
  'What an administrator does from a shell. Without DATABASE_URL the commands work on the Pulser that `npm start` runs ' +
  'on the data in PULSER_DATA_DIR; with it on that PostgreSQL, as its administrator.';

export interface Outcome {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Name, required options and arguments. @param options what stands for the other options */
const callOf = (command: Command, options = ''): string => {
  if (command.commands.length > 0) return `${pathOf(command)} <command>`;
  const required = command.options.filter(({ mandatory }) => mandatory).map(({ flags }) => flags);
  const usage = command.usage().replace('[options]', [...required, options].join(' ').trim());
  const above = command.parent === null ? [] : [pathOf(command.parent)];
  return [...above, command.name(), usage].join(' ').replaceAll(/ +/g, ' ').trim();
};

const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;

const leavesOf = (command: Command): readonly Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);

/** A line for each command below a group; for a command its page. */
const formatHelp = (command: Command, helper: Help): string => {
  if (command.commands.length === 0) return Help.prototype.formatHelp.call(helper, command, helper);
  const lines = leavesOf(command).map((leaf) => [callOf(leaf).slice(programName.length + 1), leaf.description()]);
  const width = Math.max(...lines.map(([call = '']) => call.length));
  return [
    `Usage: ${callOf(command)}`,
    helper.boxWrap(command.description(), helper.helpWidth ?? 80),
    `Commands:\n${lines.map(([call = '', what]) => `  ${call.padEnd(width)}  ${what}`).join('\n')}`,
    '<command> --help has the options, with an example.\n',
  ].join('\n\n');
};

/** @param write takes what goes to stdout and stderr */
const commandLine = (write: { out: (text: string) => void; err: (text: string) => void }): Command => {
  const root = new Command(programName)
    .description(description)
    .exitOverride()
    .helpCommand(false)
    .configureHelp({ formatHelp, commandUsage: (command) => callOf(command, '[options]') })
    .configureOutput({ writeOut: write.out, writeErr: write.err, outputError: () => undefined });
  for (const add of table) add(root, write.out);
  return root;
};

/** The command that is meant, the first word of its name, and the arguments in a form that commander knows. */
interface Call {
  readonly command: Command;
  readonly group: string | undefined;
  readonly args: readonly string[];
}

/** `help keys create` and `keys help create` are `keys create --help`. */
const parsedBy = (root: Command, given: readonly string[]): Call => {
  const rest = [...given];
  const path: string[] = [];
  let command = root;
  for (let word = rest[0]; command.commands.length > 0 && word !== undefined; word = rest[0]) {
    const next = command.commands.find((one) => one.name() === word);
    if (next === undefined && word !== 'help') break;
    if (next !== undefined) path.push(word);
    command = next ?? command;
    rest.shift();
  }
  const [word = '-'] = rest;
  // With --help commander would not complain about it.
  const isUnknown = command.commands.length > 0 && !word.startsWith('-');
  const help = path.length + rest.length < given.length ? ['--help'] : [];
  return { command, group: path[0], args: isUnknown ? [...path, word] : [...path, ...rest, ...help] };
};

// https://man.freebsd.org/cgi/man.cgi?sysexits: 64 usage, 78 configuration.
const exitCodeOf = (error: unknown): number => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 64;
  if (error instanceof UsageError) return 64;
  return error instanceof ConfigError ? 78 : 1;
};

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const hintByState: Readonly<Record<string, string>> = {
  '28P01': 'check user and password in DATABASE_URL',
  '28000': 'check user, database and TLS in DATABASE_URL, and pg_hba.conf of the server',
  '3D000': 'check the name of the database in DATABASE_URL',
  '42501': "set DATABASE_URL to the URL of the administrator: a service's login may not do this",
};

const hintOf = (error: unknown): string => {
  if (!(error instanceof Error)) return '';
  const hint: unknown = Reflect.get(error, 'startHint') ?? hintByState[String(Reflect.get(error, 'code'))];
  return typeof hint === 'string' ? ` (${hint})` : '';
};

/** @throws CommanderError for a call of the wrong form, and what the command throws */
const run = async (root: Command, { command, args }: Call): Promise<void> => {
  try {
    await root.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError) || error.code !== 'commander.missingMandatoryOptionValue') throw error;
    // Commander asks for what is missing first. If an option is unknown, that one was misspelt.
    for (const option of command.options) option.makeOptionMandatory(false);
    command.action(() => {
      throw error;
    });
    await root.parseAsync([...args], { from: 'user' });
  }
};

/** One line. */
const complaint = (error: unknown, group: string | undefined): string => {
  const what = error instanceof CommanderError ? error.message.replace('error: ', '').replace('(Did', '(did') : error;
  return `pulser${group === undefined ? '' : ` ${group}`}: ${messageOf(what)}${hintOf(error)}`;
};

/** Runs one command of the command line. */
export const cli = async (args: readonly string[]): Promise<Outcome> => {
  const written = { out: '', err: '' };
  const root = commandLine({ out: (text) => (written.out += text), err: (text) => (written.err += text) });
  const call = parsedBy(root, args);
  const usage = `Usage: ${callOf(call.command, '[options]')}   (--help tells more)`;
  let exitCode = 0;
  try {
    await run(root, call);
  } catch (error) {
    exitCode = exitCodeOf(error);
    const isOfCommander = error instanceof CommanderError;
    const hasHelped = isOfCommander && error.code.startsWith('commander.help');
    if (!hasHelped) written.err = [complaint(error, call.group), ...(isOfCommander ? [usage] : [])].join('\n');
  }
  return { exitCode, out: written.out.trimEnd(), err: written.err.trimEnd() };
};

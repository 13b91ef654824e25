// Rules and types of the whole workspace in one process: what the compiler finds out about types serves both.
import { ESLint } from 'eslint';
import { workspaceRoot } from '../workspace.mjs';
import { typeErrors } from './programs.mjs';

// Before the rules: they ask for types of comments, too, and the compiler would keep what it finds wrong there.
const errors = typeErrors();
const eslint = new ESLint({ cwd: workspaceRoot });
const results = await eslint.lintFiles(['apps', 'libs', 'migrations', 'deploy']);
const formatter = await eslint.loadFormatter('stylish');
process.stdout.write(`${await formatter.format(results)}${errors}`);
process.exitCode = errors === '' && results.every(({ errorCount }) => errorCount === 0) ? 0 : 1;

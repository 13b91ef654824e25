import { cli } from './cli.js';

const { exitCode, out, err } = await cli(process.argv.slice(2));
if (out !== '') process.stdout.write(`${out}\n`);
if (err !== '') process.stderr.write(`${err}\n`);
process.exitCode = exitCode;

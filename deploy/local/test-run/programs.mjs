// The types of the whole workspace as two programs, each made once: for rules that ask for types, and for the compiler's own errors.
import { join } from 'node:path';
import ts from 'typescript';
import { workspaceRoot } from '../workspace.mjs';

/** The page apart, because a browser has other globals than Node. */
const configs = ['libs/testing/tsconfig.specs.json', 'apps/dashboard/tsconfig.json'];

const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (error) => fail(error) };

const fail = ({ messageText }) => {
  throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
};

function programOf(config) {
  const { fileNames, options, errors } = ts.getParsedCommandLineOfConfigFile(join(workspaceRoot, config), {}, host);
  return ts.createProgram({
    rootNames: fileNames,
    options: { ...options, noEmit: true },
    configFileParsingDiagnostics: errors,
    // With parents set, as rules expect it.
    host: ts.createCompilerHost(options, true),
  });
}

let made;

export const workspacePrograms = () => (made ??= configs.map(programOf));

/** What the compiler finds wrong, as it prints it; an empty text when there is nothing. */
export function typeErrors() {
  const found = workspacePrograms().flatMap((program) => ts.getPreEmitDiagnostics(program));
  const format = {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => workspaceRoot,
    getNewLine: () => '\n',
  };
  return ts.formatDiagnostics(ts.sortAndDeduplicateDiagnostics(found), format);
}

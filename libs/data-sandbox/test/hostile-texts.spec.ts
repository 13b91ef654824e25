import { fork } from 'node:child_process';
import { once } from 'node:events';

import { entryPoint } from '@pulser/isolation';

/** Names of members that every object has, and what else an object may take for its own. */
const hostile = [...Object.getOwnPropertyNames(Object.prototype), 'prototype', 'length', 'name', 'prev', 'next', '{b}'];

const unspoiled = { members: [], frozen: true };

describe('texts that are names of members of every object', () => {
  it('give no member to the objects of a sandbox, as names of sources, columns and keys, and as values', async () => {
    const { file, execArgv } = entryPoint(import.meta.url, './fixtures/probe-sandbox.process');
    const child = fork(file, { execArgv, env: {} });
    const fields = hostile
      .filter((text) => text !== '__proto__')
      .map((text) => `'${text}': {'${text}': '${text}'}`)
      .join(', ');
    const columns = hostile.map((text) => `1 AS "${text}"`).join(', ');
    child.send({
      sources: [],
      sql: `SELECT {${fields}} AS s, MAP {'__proto__': 1} AS m, '{"__proto__": {"a": 1}}'::JSON AS j, * FROM (SELECT ${columns})`,
      keepRows: 10,
    });
    expect(await once(child, 'message')).toEqual([{ kind: 'rows', ...unspoiled }, undefined]);
  });
});

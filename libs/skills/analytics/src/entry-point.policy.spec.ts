import { entryPoint } from './entry-point.policy.js';

describe('the entry of a process or thread', () => {
  it('is the compiled file beside a compiled caller', () => {
    const { file, execArgv } = entryPoint('file:///app/dist/chart/painter.js', './paint.worker');
    expect(file.href).toBe('file:///app/dist/chart/paint.worker.js');
    expect(execArgv).toEqual([]);
  });

  it('is the source beside a caller that runs from source, with a hook to find further sources', () => {
    const { file, execArgv } = entryPoint('file:///app/src/chart/painter.ts', './paint.worker');
    expect(file.href).toBe('file:///app/src/chart/paint.worker.ts');
    expect(execArgv).toEqual(['--conditions=source', '--import', expect.stringMatching(/^data:text\/javascript,/)]);
  });
});

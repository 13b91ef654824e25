import { entryPoint } from './entry-point.policy.js';

const frozen = ['--frozen-intrinsics', '--disable-warning=ExperimentalWarning'];

describe('the entry of a process or thread', () => {
  it('is the compiled file beside a compiled caller', () => {
    const { file, execArgv } = entryPoint('file:///app/dist/chart/painter.js', './paint.process');
    expect(file.href).toBe('file:///app/dist/chart/paint.process.js');
    expect(execArgv).toEqual(frozen);
  });

  it('is the source beside a caller that runs from source, with a hook to find further sources', () => {
    const { file, execArgv } = entryPoint('file:///app/src/chart/painter.ts', './paint.process');
    expect(file.href).toBe('file:///app/src/chart/paint.process.ts');
    expect(execArgv).toEqual([
      ...frozen,
      '--conditions=source',
      '--import',
      expect.stringMatching(/^data:text\/javascript,/),
    ]);
  });
});

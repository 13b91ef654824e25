import { LastSent } from './last-sent.js';

const task = (task_id: string) => ({ task_id, tenant_id: 't' });

const ids = (tasks: readonly { task_id: string }[]): string[] => tasks.map(({ task_id }) => task_id);

describe('what a router sent lately', () => {
  it('is taken back once, when others shall have it now', () => {
    const sent = new LastSent();
    sent.record('dash', [task('a'), task('b')], 0);
    sent.record('maya', [task('c')], 1);
    expect(ids(sent.takeBack('maya', 2))).toEqual(['a', 'b']);
    expect(ids(sent.takeBack('maya', 3))).toEqual([]);
    expect(ids(sent.takeBack('dash', 4))).toEqual(['c']);
  });

  it('is forgotten after three seconds: until then every router has heard of a failure', () => {
    const sent = new LastSent();
    sent.record('dash', [task('a')], 0);
    sent.record('dash', [task('b')], 2_000);
    expect(ids(sent.takeBack('maya', 3_001))).toEqual(['b']);
  });
});

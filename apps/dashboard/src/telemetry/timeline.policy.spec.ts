import { layersOf, linesOf, others, type Timeline, withLast } from './timeline.policy.js';

const timeline = (tasks: Readonly<Record<string, readonly (number | null)[]>>): Timeline => ({
  times: [0, 60],
  step_s: 60,
  kept_from: null,
  left_out: 0,
  series: Object.entries(tasks).map(([agent, values]) => ({ key: { agent }, values: { completed: values } })),
});

const many = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`agent_${index}`, [null, 10 - index]]));

describe('figures by agent', () => {
  it('have the same colour and order, whoever has the most tasks', () => {
    const one = layersOf(timeline({ maya: [1, 9], dash: [1, 1], mine: [1, 1] }), 'completed');
    const other = layersOf(timeline({ dash: [9, 9], mine: [1, 1], maya: [1, 1] }), 'completed');
    const looks = [
      ['dash', '--series-1'],
      ['maya', '--series-4'],
      ['mine', '--series-2'],
    ];
    expect(one.map(({ name, color }) => [name, color])).toEqual(looks);
    expect(other.map(({ name, color }) => [name, color])).toEqual(looks);
  });

  it('leave no task out: who has no layer of his own is in the last', () => {
    const layers = layersOf(timeline(many), 'completed');
    expect(layers).toHaveLength(8);
    expect(layers.at(-1)).toEqual({ name: others, color: '--idle-mark', values: [null, 3 + 2 + 1] });
    expect(layers.reduce((sum, { values }) => sum + (values[1] ?? 0), 0)).toBe(55);
  });

  it('say how many lines are not drawn', () => {
    expect(linesOf(timeline(many), 'completed')).toMatchObject({ leftOut: 2 });
    expect(linesOf(timeline({ dash: [null, null], maya: [null, 4] }), 'completed').lines).toHaveLength(1);
  });

  it('end with what is known to be newer', () => {
    expect(withLast([1, 2], 7)).toEqual([1, 7]);
    expect(withLast([1, 2], undefined)).toEqual([1, 2]);
    expect(withLast([], 7)).toEqual([]);
  });
});

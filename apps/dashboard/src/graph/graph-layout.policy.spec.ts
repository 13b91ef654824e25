import { layoutOf, type Shape } from './graph-layout.policy.js';

const shape = (id: string, inner: readonly Shape[] = []): Shape => ({ id, width: 200, height: 56, inner });

const edges = [
  { from: 'a', to: 'b' },
  { from: 'b', to: 'c/x' },
  { from: 'c/x', to: 'c/y' },
];

const shapes = [shape('a'), shape('b'), shape('c', [shape('c/x'), shape('c/y')])];

describe('the layout of a graph', () => {
  it('puts what needs something after it, and what is in a box into it', () => {
    const { placed, width, height } = layoutOf({ shapes, edges, direction: 'LR' });
    const [a, b, c, x, y] = ['a', 'b', 'c', 'c/x', 'c/y'].map((id) => placed.find((one) => one.id === id));
    expect([a?.x, b?.x]).toEqual([0, 236]);
    expect(c?.x).toBe(472);
    // From the corner of its own box.
    expect([x?.x, x?.y]).toEqual([12, 58]);
    expect((y?.x ?? 0) + 200 + 12).toBe(c?.width);
    expect([width, height]).toEqual([472 + (c?.width ?? 0), c?.height]);
  });

  it('goes downwards where there is no width', () => {
    const { placed } = layoutOf({ shapes: shapes.slice(0, 2), edges, direction: 'TB' });
    expect(placed.map(({ x, y }) => [x, y])).toEqual([
      [0, 0],
      [0, 84],
    ]);
  });
});

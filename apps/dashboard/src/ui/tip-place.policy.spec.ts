import { tipPlace } from './tip-place.policy.js';

const tip = { width: 100, height: 20 };
const control = (left: number, top: number) => ({ left, top, width: 40, height: 30 });

describe('the place of a short text', () => {
  it.each([
    ['above, in the middle', control(200, 300), { left: 170, top: 274 }],
    ['below, where there is no room above', control(200, 10), { left: 170, top: 46 }],
    ['within the window at its left', control(0, 300), { left: 6, top: 274 }],
    ['and at its right', control(470, 300), { left: 394, top: 274 }],
  ])('is %s', (_, beside, place) => {
    expect(tipPlace(beside, tip, 500)).toEqual(place);
  });
});

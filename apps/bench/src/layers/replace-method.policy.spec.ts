import { replaceMethod } from './replace-method.js';

class Greeter {
  constructor(private readonly name: string) {}

  greet(word: string): string {
    return `${word} ${this.name}`;
  }
}

describe('replaceMethod', () => {
  it('hands the old method to the new one', () => {
    replaceMethod(Greeter.prototype, 'greet', (original) => {
      return function (...args) {
        return `${String(original.apply(this, args))}!`;
      };
    });
    expect(new Greeter('you').greet('hello')).toBe('hello you!');
  });

  it('refuses a method that is not there', () => {
    expect(() => {
      replaceMethod(Greeter.prototype, 'leave', (original) => original);
    }).toThrow(TypeError);
  });
});

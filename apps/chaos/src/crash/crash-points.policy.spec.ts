import { crashPointOf, crashPointText, wrap } from './crash-points.js';

describe('crashPointOf', () => {
  it('reads what crashPointText writes', () => {
    const point = { step: 'claim', moment: 'after', times: 17 } as const;
    expect(crashPointOf(crashPointText(point))).toEqual(point);
  });

  it.each([
    '',
    'claim',
    'claim:after',
    'claim:after:0',
    'claim:after:x',
    'claim:while:1',
    'nothing:after:1',
    'confirm:before:1',
  ])('refuses "%s"', (text) => {
    expect(() => crashPointOf(text)).toThrow(RangeError);
  });
});

class Store {
  readonly kept: string[] = [];

  async keep(text: string): Promise<string[]> {
    await Promise.resolve();
    this.kept.push(text);
    return this.kept;
  }
}

const store = (): Store =>
  new (class extends Store {
    override keep(text: string): Promise<string[]> {
      return super.keep(text);
    }
  })();

const ownerOf = (one: Store): object => Object.getPrototypeOf(one) as object;

describe('wrap', () => {
  it('calls before the method does anything, and after its promise is fulfilled', async () => {
    const one = store();
    const heard: string[] = [];
    wrap({ owner: ownerOf(one), method: 'keep' }, (moment) => heard.push(`${moment} ${one.kept.length}`));
    await one.keep('a');
    expect(heard).toEqual(['before 0', 'after 1']);
  });

  it('calls as soon as the method returned, where that is the step', async () => {
    const one = store();
    const heard: string[] = [];
    wrap({ owner: ownerOf(one), method: 'keep', after: 'call' }, (moment) =>
      heard.push(`${moment} ${one.kept.length}`),
    );
    await one.keep('a');
    expect(heard).toEqual(['before 0', 'after 0']);
  });

  it('leaves other calls, and outcomes that did nothing, alone', async () => {
    const one = store();
    const heard: string[] = [];
    const owner = ownerOf(one);
    wrap({ owner, method: 'keep', when: ([text]) => text === 'b', counts: () => false }, (moment) =>
      heard.push(moment),
    );
    await one.keep('a');
    await one.keep('b');
    expect(heard).toEqual(['before']);
    expect(one.kept).toEqual(['a', 'b']);
  });

  it('refuses a method that is not there', () => {
    expect(() => {
      wrap({ owner: ownerOf(store()), method: 'lose' }, () => undefined);
    }).toThrow(TypeError);
  });
});

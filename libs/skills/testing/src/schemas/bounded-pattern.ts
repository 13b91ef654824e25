// Regular expressions from documents of strangers: some take for ever on some texts.
import { createContext, Script } from 'node:vm';

const testMs = 50;
const maxPatternLength = 2_000;

// One quantifier, not of a group, cannot do more than look once from every place of the text.
const quantifiers = /[*+]|\{\d*,?\d*\}/g;
const quantifiedGroup = /\)[*+?{]/;
const isSimple = (source: string): boolean =>
  !quantifiedGroup.test(source) && (source.match(quantifiers) ?? []).length <= 1;
const shortEnough = 10_000;

const script = new Script('expression.test(text)');

// V8 stops an expression that takes too long only from a script with a time limit.
const testWithin = (expression: RegExp, text: string): boolean => {
  const context = createContext({ expression, text });
  return script.runInContext(context, { timeout: testMs }) as boolean;
};

const compiled = (source: string, flags: string): RegExp => {
  if (source.length > maxPatternLength) throw new SyntaxError(`A pattern of more than ${maxPatternLength} characters`);
  try {
    return new RegExp(source, flags);
  } catch {
    // Many documents escape more than Unicode mode takes: `\-`, `\/`.
    return new RegExp(source);
  }
};

// The error is one of the script's own world: no instance of this one's Error.
const isTimeout = (error: unknown): boolean =>
  (error as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';

/** A pattern that answers within 50 ms. */
export class BoundedPattern {
  private readonly expression: RegExp;
  private readonly simple: boolean;

  /**
   * @param onUndecided called when the time was not enough; the text then counts as matching
   * @throws SyntaxError
   */
  constructor(
    readonly source: string,
    flags: string,
    private readonly onUndecided: (source: string) => void,
  ) {
    this.expression = compiled(source, flags);
    this.simple = isSimple(source);
  }

  // By this ajv tells patterns apart.
  toString(): string {
    return this.expression.toString();
  }

  test(text: string): boolean {
    if (this.simple && text.length <= shortEnough) return this.expression.test(text);
    try {
      return testWithin(this.expression, text);
    } catch (error) {
      if (!isTimeout(error)) throw error;
      this.onUndecided(this.source);
      return true;
    }
  }
}

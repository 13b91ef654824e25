// The error codes of a skill: declared beside its operations, registered and shown with them.
import {
  TaskError,
  type TaskErrorCode,
  type TaskErrorFacts,
  taskErrors,
  TaskErrorDescription,
} from '@pulser/contracts';

/** What holds for every failure with a code. */
export interface DeclaredCode {
  /** Whether another attempt cannot help, so that there is none. */
  readonly permanent: boolean;
}

/** Makes the errors of a skill. @see skillErrors */
export class SkillErrors<Code extends string = string> {
  /** As they are registered. */
  readonly described: readonly TaskErrorDescription[];

  /** @throws TypeError when a code is one of Pulser's, or no name */
  constructor(codes: Readonly<Record<Code, DeclaredCode>>) {
    this.described = Object.entries<DeclaredCode>(codes).map(([code, { permanent }]) => ({ code, permanent }));
    for (const one of this.described) check(one);
  }

  /** @param code a declared one or one of Pulser's. @param message shown to whoever reads the task: no secrets */
  error(code: Code | TaskErrorCode, message: string, facts: TaskErrorFacts = {}): TaskError {
    const declared = this.described.find((one) => one.code === code);
    return new TaskError(declared ?? (code as TaskErrorCode), message, facts);
  }
}

const check = (description: TaskErrorDescription): void => {
  const { code } = description;
  if (Object.hasOwn(taskErrors, code)) throw new TypeError(`The error code ${code} is one of Pulser's`);
  if (!TaskErrorDescription.safeParse(description).success)
    throw new TypeError(`The error code ${code} is not a small letter, then small letters, digits and underscores`);
};

/**
 * Declares the error codes of a skill's operations: `const errors = skillErrors({ bank_closed: { permanent: false } })`.
 * The operation gets them as `errors`; its handler throws `errors.error('bank_closed', 'The bank is closed')`.
 * @throws TypeError when a code is one of Pulser's, or no name
 */
export const skillErrors = <const Code extends string>(
  codes: Readonly<Record<Code, DeclaredCode>>,
): SkillErrors<Code> => new SkillErrors(codes);

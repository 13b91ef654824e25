// What the form library wants of a validator, over one that compiles nothing: the policy of the page forbids `new Function`.
import {
  ErrorSchemaBuilder,
  type ErrorSchema,
  type RJSFSchema,
  type ValidationData,
  type ValidatorType,
} from '@rjsf/utils';

import { fits } from './payload-problems.policy.js';
import { type PayloadProblem, stepsOf } from './pointer.policy.js';

/** Problems as the form shows them: a tree like the payload, with texts at its members. */
export const errorTree = (problems: readonly PayloadProblem[]): ErrorSchema => {
  const tree = new ErrorSchemaBuilder();
  for (const { pointer, detail } of problems) tree.addErrors(detail, stepsOf(pointer));
  return tree.ErrorSchema;
};

/** Stateless: one for all forms. */
class PayloadValidator implements ValidatorType {
  /** Nothing: what is wrong is found by the page and the API, and given to the form as `extraErrors`. */
  validateFormData(): ValidationData<unknown> {
    return { errors: [], errorSchema: {} };
  }

  isValid(schema: RJSFSchema, formData: unknown, rootSchema: RJSFSchema): boolean {
    return fits(schema, formData, rootSchema);
  }

  /** For those who call a validator themselves, of whom the form is none. */
  rawValidation(): never {
    throw new TypeError('Ask problemsOf');
  }
}

export const payloadValidator = new PayloadValidator();

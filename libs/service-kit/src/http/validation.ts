import { StandardSchemaValidationPipe } from '@nestjs/common';
import { fieldProblems, HttpError } from '@pulser/contracts';
import { z } from 'zod';

/** Nest's own would silently delete every field called `constructor` or `prototype`; the schemas refuse what is dangerous. */
class ValidationPipe extends StandardSchemaValidationPipe {
  protected override stripProtoKeys(): void {
    // Nothing is dropped: what a client sends is kept or refused.
  }
}

/** Checks what `@Body({ schema })`, `@Query({ schema })` and `@Param(name, { schema })` declare. All schemas are Zod's. */
export const validationPipe = (): StandardSchemaValidationPipe =>
  new ValidationPipe({
    exceptionFactory: (issues) =>
      new HttpError('invalid_request', {
        // Zod hands its own issues to the Standard Schema interface, which declares less of them.
        errors: fieldProblems(new z.ZodError(issues as z.core.$ZodIssue[])),
      }),
  });

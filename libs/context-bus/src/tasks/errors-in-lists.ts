// Errors as lists show them, made in SQL: a row that is older than the bounds may hold megabytes, which stay in the database.
import { keptSizes } from '@pulser/contracts';

/** Room for the note on what is missing. */
const noteLength = 40;

const startLength = keptSizes.shortMessage - noteLength;

/** SQL: the start of a text, with how many characters are missing. */
export const shortText = (text: string): string => `case when length(${text}) <= ${keptSizes.shortMessage} then ${text}
  else left(${text}, ${startLength}) || '... (' || to_char(length(${text}) - ${startLength}, 'FM999,999,999,999') || ' more characters)' end`;

/** SQL: an error without its details, with a short message. */
export const shortError = (error: string): string => `case when ${error} is not null then jsonb_build_object(
  'code', left(${error} ->> 'code', 64), 'message', ${shortText(`${error} ->> 'message'`)},
  'permanent', ${error} -> 'permanent') end`;

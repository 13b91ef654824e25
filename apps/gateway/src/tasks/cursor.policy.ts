// What follows the prefix may change with it; clients send back what they got.
const prefix = 'v1:';
const shape = /^v1:([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/;

/** Opaque mark of the last task of a page. */
export const cursorAfter = (taskId: string): string => Buffer.from(prefix + taskId).toString('base64url');

/** The id a cursor stands for, or undefined when it is none of ours. */
export const taskIdOf = (cursor: string): string | undefined =>
  shape.exec(Buffer.from(cursor, 'base64url').toString('latin1'))?.[1];

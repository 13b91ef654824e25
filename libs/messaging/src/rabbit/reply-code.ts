/** The broker's reply code of an error, for instance 404; amqplib puts it on the error without saying so in its types. */
export const replyCode = (error: unknown): number | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;

const visibleAscii = /^[\x21-\x7e]{1,200}$/;

/** Whether a text can be an Idempotency-Key or, in an order over AMQP, a message id. */
export const isIdempotencyKey = (text: unknown): text is string => typeof text === 'string' && visibleAscii.test(text);

export const idempotencyKeyShape = '1 to 200 visible ASCII characters';

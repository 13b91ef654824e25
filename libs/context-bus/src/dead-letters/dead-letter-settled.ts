/** The letter is no longer open: it was replayed or discarded meanwhile. */
export class DeadLetterSettled extends Error {}

/** This machine cannot run the backend; nothing is proved, and nothing has failed. */
export class CannotProve extends Error {}

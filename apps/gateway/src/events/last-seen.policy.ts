const maxDigits = 15;
const number = new RegExp(`^\\d{1,${maxDigits}}$`);

/** The number behind an event id that a client sent back: -1 for none, undefined when it is not one of ours. */
export const lastSeen = (given: unknown): number | undefined => {
  if (given === undefined || given === '') return -1;
  return typeof given === 'string' && number.test(given) ? Number(given) : undefined;
};

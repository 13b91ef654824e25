// Plain words that YAML 1.1 reads as booleans, as the readers of Kubernetes and doctl do (go-yaml 2: not y and n).
const booleans: Readonly<Record<string, string>> = { yes: 'true', on: 'true', no: 'false', off: 'false' };

// The forms that the specification lists: yes, Yes, YES.
const listedForm = /^(?:[a-z]+|[A-Z]+|[A-Z][a-z]+)$/;

/** @returns what such a reader takes the unquoted word for, or undefined when it is the same as here */
export const readDifferently = (word: string): string | undefined => {
  if (word.length > 3 || !listedForm.test(word)) return undefined;
  const lower = word.toLowerCase();
  return Object.hasOwn(booleans, lower) ? booleans[lower] : undefined;
};

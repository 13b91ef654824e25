// What persons see of the arguments that they approve: everything but secrets, and of long texts the beginning and the length.
import { isSecretName, namesSecret, withoutLogin } from './payload-description.policy.js';

const hidden = '(hidden)';
const maxText = 4_000;
const maxMessage = 2_500;

// Only where a value follows: whoever decides must see that a statement is about a column `password`.
const named = ['password', 'passwd', 'passphrase', 'secret', 'api_key', 'apikey', 'api-key', 'authorization', 'token'];
const secretTexts = [
  ...named.flatMap((name) => [`${name}=`, `${name}:`, `${name}":`, `${name} =`, `${name} :`]),
  ...['bearer ', '-----begin', 'aws_access'],
];

const holdsSecret = (text: string): boolean => {
  const lower = text.toLowerCase();
  return secretTexts.some((part) => lower.includes(part));
};

const shownString = (text: string): string => {
  if (holdsSecret(text)) return hidden;
  const safe = withoutLogin(text);
  return safe.length <= maxText ? safe : `${safe.slice(0, maxText).toWellFormed()}… (${text.length} characters)`;
};

const shownMembers = (object: Readonly<Record<string, unknown>>): Record<string, unknown> => {
  const ofSecret = namesSecret(object);
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => {
      const hides = isSecretName(name) || (ofSecret && name.toLowerCase().includes('value'));
      return [name, hides && value !== null ? hidden : shownArguments(value)];
    }),
  );
};

/** @param value JSON. Values of members that are named like secrets are hidden, texts that seem to hold one too */
export const shownArguments = (value: unknown): unknown => {
  if (typeof value === 'string') return shownString(value);
  if (Array.isArray(value)) return value.map(shownArguments);
  if (typeof value === 'object' && value !== null) return shownMembers(value as Readonly<Record<string, unknown>>);
  return value;
};

/** The same as the text of a message. */
export const shownText = (shown: unknown): string => {
  const text = JSON.stringify(shown, null, 2);
  return text.length <= maxMessage
    ? text
    : `${text.slice(0, maxMessage).toWellFormed()}…\n(cut off: the page shows all of it)`;
};

// Whether a setting holds a secret in plain text, by its name and its value.

/** Names of secrets, as whole words of a name in any spelling: API_KEY, apiKey, api-key. */
const secretWords =
  /(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|SECRET|SECRETS|TOKEN|API_?KEY|ACCESS_?KEY|SECRETS?_?KEY|PRIVATE_?KEY|SIGNING_?KEY|ENCRYPTION_?KEY|CREDENTIALS?)(?:_\d+)?$/;

// What such a name may end in when it does not hold the secret itself: PASSWORD_FILE, TOKEN_URL, SECRET_NAME.
const inWords = (name: string): string =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();

/** user:password@ in a URL. */
const urlWithPassword = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s:@]*:([^/?#\s@]+)@/i;

const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** What stands for a value that comes from elsewhere: ${NAME}, ${NAME:?why}, ${database.PASSWORD}, $(NAME), $NAME. */
const reference = /^(?:\$\{\w+(?::?\?[^}]*)?\}|\$\{[\w-]+\.\w+\}|\$\([^)]+\)|\$\w+)?$/;

const isReference = (value: string): boolean => reference.test(value);

const isHarmless = (value: string): boolean =>
  isReference(value) || /^(?:true|false|null|none|\d{1,5})$/i.test(value) || /^\/[\w./-]+$/.test(value);

/** @returns why it is one, or undefined */
export const plainSecret = (name: string, value: string): string | undefined => {
  const [, password] = urlWithPassword.exec(value) ?? [];
  if (password !== undefined && !isReference(password)) return `${name} holds a URL with a password`;
  if (privateKey.test(value)) return `${name} holds a private key`;
  if (!secretWords.test(inWords(name)) || isHarmless(value)) return undefined;
  return `${name} holds a secret in plain text`;
};

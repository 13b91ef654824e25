import { secretsEnv } from '@pulser/context-bus';
import { SecretName } from '@pulser/contracts';
import { outgoingEnv } from '@pulser/outgoing';
import { z } from 'zod';

const wrong = 'a JSON object of names and texts, such as {"ops-slack": "https://hooks.slack.com/services/..."}';

const readJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const NamedSecrets = z.record(SecretName, z.string().min(8).max(8_192));

/** How messages leave the installation. */
export const notificationsEnv = {
  ...outgoingEnv,
  ...secretsEnv,
  NOTIFY_SECRETS: z
    .string()
    .default('{}')
    .transform((text, context): Readonly<Record<string, string>> => {
      const { data } = NamedSecrets.safeParse(readJson(text));
      if (data !== undefined) return data;
      // Without the text: it holds secrets.
      context.addIssue({ code: 'custom', message: wrong });
      return z.NEVER;
    })
    .describe('Secrets of the destinations of the installation by name: a JSON object'),
  SMTP_URL: z
    .url({ protocol: /^smtps?$/ })
    .optional()
    .describe('Mail server for e-mail, such as smtp://user:password@mail.example:587; without it none is sent'),
  SMTP_FROM: z.string().min(3).max(320).default('Pulser <pulser@localhost>').describe('Sender of e-mail'),
  MAIL_ATTACHMENT_BYTES: z.coerce
    .number()
    .int()
    .min(0)
    .max(20_971_520)
    .default(5_242_880)
    .describe('Bytes of PDFs that one e-mail about a task has attached at most; what is larger it links to'),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/$/, ''))
    .optional()
    .describe('Where browsers reach the gateway, such as https://pulser.example: messages hold links to it'),
  NOTIFICATION_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(3_650)
    .default(30)
    .describe('Days for which delivered notifications and resolved incidents are kept'),
};

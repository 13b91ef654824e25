import type { UnattributedDeadLetter } from '@pulser/context-bus';

const maxTextLength = 120;

// What a stranger sent must not steer the administrator's terminal.
const harmless = (text: string): string => text.replaceAll(/\p{C}/gu, '.').slice(0, maxTextLength);

/** A message without a tenant as two lines of a list. */
export const letterLines = (letter: UnattributedDeadLetter): string => {
  const from = [letter.sourceQueue, letter.routingKey, letter.messageId].map((part) => harmless(part ?? '-'));
  const facts = [letter.id, letter.createdAt.toISOString(), letter.reason, ...from, `${letter.bytes} bytes`];
  return `${facts.join('  ')}\n    ${harmless(letter.detail ?? '')}: ${harmless(letter.beginning.toString('utf8'))}`;
};

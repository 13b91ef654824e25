/** Why a text cannot be read, in one line, with the line where the parser knows it. The message is for whoever sent it. */
export class UnreadableText extends Error {}

// Plain text as paragraphs and lists.
import type { Block } from '../print/document.js';

const isItem = (line: string): boolean => line.startsWith('- ');

/** Lines of one block; a line that goes on behind an item belongs to it. */
const blockOf = (lines: readonly string[]): Block[] => {
  const blocks: { kind: 'paragraph' | 'list'; texts: string[] }[] = [];
  for (const line of lines) {
    const last = blocks.at(-1);
    if (isItem(line)) {
      if (last?.kind === 'list') last.texts.push(line.slice(2));
      else blocks.push({ kind: 'list', texts: [line.slice(2)] });
    } else if (last === undefined) blocks.push({ kind: 'paragraph', texts: [line] });
    else last.texts.push(`${last.texts.pop() ?? ''} ${line}`);
  }
  return blocks.map(({ kind, texts }) =>
    kind === 'list' ? { kind, items: texts.map((text) => text.trim()) } : { kind, text: texts.join(' ').trim() },
  );
};

/** A blank line ends a paragraph, lines that begin with "- " are a list; anything else is text. */
export const textBlocks = (text: string): Block[] => {
  const groups: string[][] = [[]];
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line.trim() === '') groups.push([]);
    else groups.at(-1)?.push(line.trim());
  }
  return groups.filter((lines) => lines.length > 0).flatMap(blockOf);
};

// The graph as Mermaid, https://mermaid.js.org/syntax/flowchart.html
import type { Graph } from './graph.policy.js';

/** Text in double quotes: everything that could end it is an entity of Mermaid. */
const quoted = (text: string): string =>
  `"${text.replace(/[^\p{L}\p{N} _.,:/@()+-]/gu, (character) => `#${character.codePointAt(0) ?? 63};`)}"`;

// The prefix keeps names such as `end`, which is a word of the language, apart.
const idOf = (name: string): string => `s_${name}`;

export const mermaidOf = ({ nodes, edges }: Graph): string =>
  [
    'flowchart LR',
    ...nodes.map(({ name, label, is_map: isMap, kind }) => {
      const text = quoted(`${name}${isMap ? ' (map)' : ''}: ${label}`);
      const [open, close] = kind === 'wait' ? ['([', '])'] : kind === 'workflow' ? ['[[', ']]'] : ['[', ']'];
      return `  ${idOf(name)}${open}${text}${close}`;
    }),
    ...edges.map(({ from, to }) => `  ${idOf(from)} --> ${idOf(to)}`),
    '',
  ].join('\n');

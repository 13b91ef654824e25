// Markdown from its syntax tree to elements: there is no HTML in between, so there is nothing to sanitise. What stands in a
// text as HTML is shown as text. Load it lazily: `lazy(() => import('../../ui/markdown.js'))`.
import './markdown.css';

import type { Nodes, Parents, Root, Table } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { createElement, Fragment, type ReactNode, useMemo } from 'react';

import { CodeBlock } from './code-block.js';
import { safeHref } from './href.policy.js';

const parse = (text: string): Root => fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });

const childrenOf = (node: Parents): ReactNode =>
  node.children.map((child, index) => <Fragment key={index}>{nodeOf(child)}</Fragment>);

const tableOf = ({ children: [head, ...rows], align }: Table): ReactNode => {
  const side = (index: number): string | undefined => (align?.[index] === 'right' ? 'right' : undefined);
  return (
    <div className="md-table" tabIndex={0} role="group" aria-label="Table">
      <table className="plain-table">
        <thead>
          <tr>
            {head?.children.map((cell, index) => (
              <th key={index} scope="col" className={side(index)}>
                {childrenOf(cell)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {row.children.map((cell, at) => (
                <td key={at} className={side(at)}>
                  {childrenOf(cell)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};

const linkOf = (url: string, children: ReactNode): ReactNode => {
  const href = safeHref(url);
  if (href === undefined) return children;
  return (
    <a href={href} target="_blank" rel="noreferrer noopener nofollow">
      {children}
    </a>
  );
};

const nodeOf = (node: Nodes): ReactNode => {
  switch (node.type) {
    case 'root':
      return childrenOf(node);
    case 'paragraph':
      return <p>{childrenOf(node)}</p>;
    case 'heading':
      // Below the headings of the page itself.
      return createElement(`h${Math.min(6, node.depth + 2)}`, { className: `md-h${node.depth}` }, childrenOf(node));
    case 'text':
      return node.value;
    case 'html':
      return <code>{node.value}</code>;
    case 'emphasis':
      return <em>{childrenOf(node)}</em>;
    case 'strong':
      return <strong>{childrenOf(node)}</strong>;
    case 'delete':
      return <s>{childrenOf(node)}</s>;
    case 'inlineCode':
      return <code>{node.value}</code>;
    case 'code':
      return <CodeBlock code={node.value} label="Code" />;
    case 'blockquote':
      return <blockquote>{childrenOf(node)}</blockquote>;
    case 'list':
      return node.ordered === true ? <ol start={node.start ?? 1}>{childrenOf(node)}</ol> : <ul>{childrenOf(node)}</ul>;
    case 'listItem':
      return (
        <li>
          {typeof node.checked === 'boolean' && (
            <input
              type="checkbox"
              checked={node.checked}
              readOnly
              disabled
              aria-label={node.checked ? 'Done' : 'Not done'}
            />
          )}
          {childrenOf(node)}
        </li>
      );
    case 'link':
      return linkOf(node.url, childrenOf(node));
    // A picture would be fetched from elsewhere, which the policy forbids and privacy too.
    case 'image':
      return linkOf(node.url, node.alt ?? node.url);
    case 'table':
      return tableOf(node);
    case 'thematicBreak':
      return <hr />;
    case 'break':
      return <br />;
    case 'footnoteReference':
      return <sup>[{node.label ?? node.identifier}]</sup>;
    case 'footnoteDefinition':
      return (
        <div className="md-note">
          <sup>[{node.label ?? node.identifier}]</sup> {childrenOf(node)}
        </div>
      );
    case 'linkReference':
      return childrenOf(node);
    case 'imageReference':
      return node.alt ?? '';
    case 'definition':
    case 'yaml':
    case 'tableRow':
    case 'tableCell':
      return null;
  }
};

interface MarkdownProps {
  readonly text: string;
}

const Markdown = ({ text }: MarkdownProps) => {
  const tree = useMemo(() => parse(text), [text]);
  return <div className="md">{nodeOf(tree)}</div>;
};

// The one default export: React's `lazy` takes nothing else.
export default Markdown;

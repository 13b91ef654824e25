import './code.css';

import { type ReactNode, useEffect, useState } from 'react';

import { Button, IconButton } from './button.js';

const shownMs = 1_600;

/** Whether the text was copied just now, and what copies it. */
const useCopied = (text: string): [boolean, () => void] => {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => {
      setCopied(false);
    }, shownMs);
    return () => {
      clearTimeout(timer);
    };
  }, [copied]);
  const copy = (): void => {
    void navigator.clipboard.writeText(text).then(() => {
      setCopied(true);
    });
  };
  return [copied, copy];
};

interface CopyButtonProps {
  readonly text: string;
  readonly children?: ReactNode;
  /** Of the button without a text. */
  readonly label?: string;
}

export const CopyButton = ({ text, children, label = 'Copy' }: CopyButtonProps) => {
  const [copied, copy] = useCopied(text);
  const icon = copied ? 'check' : 'copy';
  if (children === undefined)
    return <IconButton icon={icon} size="s" label={copied ? 'Copied' : label} onPress={copy} />;
  return (
    <Button icon={icon} kind="quiet" onPress={copy}>
      {copied ? 'Copied' : children}
    </Button>
  );
};

interface CodeBlockProps {
  readonly code: string;
  /** What it is: spoken by screen readers. */
  readonly label: string;
  /** CSS length from which on it scrolls. */
  readonly maxHeight?: string;
}

/** Text to be read as it is, and copied. */
export const CodeBlock = ({ code, label, maxHeight = '320px' }: CodeBlockProps) => (
  <div className="code-block">
    <pre tabIndex={0} aria-label={label} role="group" style={{ maxHeight }}>
      <code>{code}</code>
    </pre>
    <div className="code-block-copy">
      <CopyButton text={code} label={`Copy ${label.toLowerCase()}`} />
    </div>
  </div>
);

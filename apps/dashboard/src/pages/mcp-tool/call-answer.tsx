// What came of a call: the answer of the tool, or why there is none.
import type { McpTool, ToolCallResult, ToolErrorCode } from '@pulser/contracts';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

import { isApiError } from '../../api/problem.js';
import { PlaceLink } from '../../app/place-link.js';
import { adviceOf, outcomeLooks } from '../../mcp/tool-words.policy.js';
import { CodeBlock } from '../../ui/code-block.js';
import { ErrorNote, Note } from '../../ui/error-state.js';
import { JsonView } from '../../ui/json-view.js';
import { Panel } from '../../ui/page.js';
import { duration } from '../../ui/time.policy.js';

/** The form may be longer than the window: whoever called sees what came of it. */
const useIntoView = (of: unknown) => {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    place.current?.focus({ preventScroll: true });
    place.current?.scrollIntoView({ block: 'nearest' });
  }, [of]);
  return place;
};

export const Answer = ({ result }: { readonly result: ToolCallResult }) => {
  const place = useIntoView(result);
  return (
    <div ref={place} tabIndex={-1} role="status" className="mcp-answer">
      <Panel
        title="Answer"
        aside={
          <span className="cluster">
            <span className="muted num">{duration(result.duration_ms)}</span>
            <PlaceLink place={`/mcp/calls?open=${result.call_id}`}>In the log</PlaceLink>
          </span>
        }
      >
        <div className="stack">
          {result.structured !== null && <JsonView value={result.structured} label="Answer" />}
          {textsBeside(result).map((part, index) => (
            // Parts have nothing of their own to be told apart by, and never change places.
            <Content key={index} part={part} />
          ))}
        </div>
      </Panel>
    </div>
  );
};

type Part = ToolCallResult['content'][number];

/** What the structured answer does not say already: servers repeat it as a text for older clients. */
const textsBeside = ({ content, structured }: ToolCallResult): readonly Part[] =>
  structured === null ? content : content.filter(({ type }) => type !== 'text');

const isText = (value: unknown): value is string => typeof value === 'string';

const imageTypes: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif']);

const Content = ({ part }: { readonly part: Part }) => {
  const { type, text, data, mimeType } = part;
  if (type === 'text' && isText(text)) return <CodeBlock label="Text" code={text} maxHeight="420px" />;
  if (type === 'image' && isText(data) && isText(mimeType) && imageTypes.has(mimeType))
    return <img className="mcp-image" alt="The answer of the tool" src={`data:${mimeType};base64,${data}`} />;
  return <JsonView value={part} label={`Part: ${type}`} maxHeight={240} />;
};

const isToolError = (code: string): code is ToolErrorCode => code in outcomeLooks;

export const Failure = ({ tool, error }: { readonly tool: McpTool; readonly error: unknown }) => {
  const place = useIntoView(error);
  const code = isApiError(error) ? error.code : undefined;
  const problem = isApiError(error) ? error.facts.problem : undefined;
  const callId = problem?.['call_id'];
  return (
    <div ref={place} tabIndex={-1} className="stack mcp-answer">
      <ErrorNote error={error} />
      {code !== undefined && isToolError(code) && (
        <Note>
          <p>{adviceOf(code)}</p>
          <p className="cluster">
            <code>{code}</code>
            {(code === 'not_configured' || code === 'server_unavailable') && (
              <Link to="/mcp/servers/$name" params={{ name: tool.server }}>
                {`The server ${tool.server}`}
              </Link>
            )}
            {typeof callId === 'string' && <PlaceLink place={`/mcp/calls?open=${callId}`}>In the log</PlaceLink>}
          </p>
        </Note>
      )}
      {problem?.['may_have_run'] === true && (
        <Note kind="warn" icon="alert">
          The server may have done what was asked, although no answer came. Look there before you call it again.
        </Note>
      )}
    </div>
  );
};

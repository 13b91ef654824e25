import '../submit/submit.css';
import '../../mcp/mcp.css';

import type { McpTool } from '@pulser/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';

import { isApiError } from '../../api/problem.js';
import { FlagBadge } from '../../mcp/badges.js';
import { toolQuery } from '../../mcp/mcp-queries.js';
import { ButtonLink } from '../../ui/button.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState, Note } from '../../ui/error-state.js';
import { JsonView } from '../../ui/json-view.js';
import { type Fact, Facts, Page, Panel } from '../../ui/page.js';
import { Skeleton } from '../../ui/skeleton.js';
import { approvalQuery } from '../approvals/approval-queries.js';
import { CallForm } from './call-form.js';

export const McpToolPage = () => {
  const { name } = useParams({ from: '/frame/mcp/tools/$name' });
  const { data, error, refetch } = useQuery(toolQuery(name));
  if (data !== undefined) return <Shown key={name} tool={data} />;
  if (error !== null && isApiError(error, 'unknown_tool'))
    return (
      <Page title="Tool">
        <EmptyState
          icon="search"
          title="There is no such tool for you"
          actions={<ButtonLink to="/mcp/tools">All tools</ButtonLink>}
        >
          Its server may not have listed it, its definition may wait for a review, or you do not see it: keys see the
          tools that only read, unless their tools name others, and persons of an identity provider, unless the setting{' '}
          <code>person-tools</code> names others for the role.
        </EmptyState>
      </Page>
    );
  return (
    <Page title={name}>
      {error === null ? <Skeleton height="320px" /> : <ErrorState error={error} onRetry={() => void refetch()} />}
    </Page>
  );
};

const Shown = ({ tool }: { readonly tool: McpTool }) => {
  const { approval: approvalId } = useSearch({ from: '/frame/mcp/tools/$name' });
  // Opened for an approval, the form begins with what that is for; asked for from here, with what was written.
  const [asked] = useState(approvalId);
  const { data: approval, error } = useQuery({
    ...approvalQuery(approvalId ?? ''),
    enabled: approvalId !== undefined,
  });
  const isOfThis = approval !== undefined && approval.operation === tool.name && approval.task_id === null;
  return (
    <Page
      title={tool.name}
      aside={<FlagBadge flag={tool.flag} />}
      intro={tool.description}
      actions={
        <ButtonLink to="/mcp/calls" search={{ tool: tool.name }}>
          Its calls
        </ButtonLink>
      }
    >
      {tool.not_configured !== null && <NotConfigured tool={tool} missing={tool.not_configured} />}
      {approvalId !== undefined && (error !== null || (approval !== undefined && !isOfThis)) && (
        <Note kind="warn" icon="approvals">
          The address names an approval that is not one of this tool.
        </Note>
      )}
      <Panel title="Facts">
        <Facts facts={factsOf(tool)} isWide />
      </Panel>
      {approvalId !== undefined && approvalId === asked && approval === undefined && error === null ? (
        <Skeleton height="240px" />
      ) : (
        <CallForm tool={tool} approval={isOfThis ? approval : undefined} />
      )}
      {tool.output_schema !== null && (
        <Panel title="Schema of the answer">
          <JsonView value={tool.output_schema} label="Schema of the answer" maxHeight={320} />
        </Panel>
      )}
    </Page>
  );
};

const NotConfigured = ({ tool, missing }: { readonly tool: McpTool; readonly missing: string }) => (
  <Note kind="warn" icon="settings">
    <strong>It is not configured for this tenant.</strong>
    <p>{missing}.</p>
    <p>
      <Link to="/mcp/servers/$name" params={{ name: tool.server }}>
        What {tool.server} needs
      </Link>
    </p>
  </Note>
);

const factsOf = (tool: McpTool): readonly Fact[] => [
  ...(tool.title === null ? [] : [{ name: 'Title', value: tool.title }]),
  {
    name: 'Server',
    value: (
      <Link to="/mcp/servers/$name" params={{ name: tool.server }}>
        {tool.server}
      </Link>
    ),
  },
  { name: 'Approval', value: tool.needs_approval ? 'Persons approve each call' : 'Not needed' },
  { name: 'Seen by', value: ['pulser', ...tool.agents].join(', ') },
];

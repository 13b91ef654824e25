// What a server needs of the tenant: what is set, what is missing, and where it is set.
import type { McpServerDetail, McpVariable } from '@pulser/contracts';
import { useState } from 'react';

import { useMay } from '../../session/session.js';
import { Button, ButtonLink } from '../../ui/button.js';
import { Note } from '../../ui/error-state.js';
import { Panel } from '../../ui/page.js';
import { Badge } from '../../ui/status-badge.js';
import { SetVariableDialog } from './set-variable.js';

const missingOf = (variables: readonly McpVariable[]): readonly McpVariable[] =>
  variables.filter(({ required, set_by: by }) => required && by === null);

export const VariablesPanel = ({ server }: { readonly server: McpServerDetail }) => {
  const mayWrite = useMay('admin');
  const [writing, setWriting] = useState<string>();
  const { variables } = server;
  if (variables.length === 0) return <NoVariables server={server} />;
  const missing = missingOf(variables);
  return (
    <Panel title="What it needs of this tenant">
      <div className="stack">
        {missing.length > 0 && (
          <Note kind="warn" icon="settings">
            <strong>{`It is not configured: ${missing.map(({ name }) => name).join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing.`}</strong>
            <p>
              {`A call answers not_configured until then. ${mayWrite ? 'What you write below' : 'What an administrator of the tenant writes here'} counts within seconds.`}
            </p>
          </Note>
        )}
        <ul className="mcp-variables" aria-label="Variables">
          {variables.map((variable) => (
            <li key={variable.name} className="mcp-variable">
              <div className="mcp-variable-text">
                <span className="cluster">
                  <code>{variable.name}</code>
                  <StateBadge variable={variable} />
                </span>
                {variable.description !== null && <p>{variable.description}</p>}
                <p className="muted">
                  <Place variable={variable} />
                </p>
              </div>
              {mayWrite && (
                <Change
                  variable={variable}
                  onSet={() => {
                    setWriting(variable.name);
                  }}
                />
              )}
            </li>
          ))}
        </ul>
      </div>
      {writing !== undefined && (
        <SetVariableDialog
          server={server.name}
          variable={variables.find(({ name }) => name === writing)}
          onClose={() => {
            setWriting(undefined);
          }}
        />
      )}
    </Panel>
  );
};

const Change = ({ variable, onSet }: { readonly variable: McpVariable; readonly onSet: () => void }) =>
  variable.secret ? (
    <ButtonLink to="/secrets" search={{ write: variable.secret_name }}>
      {variable.set_by === 'tenant' ? 'Replace it' : 'Write it'}
    </ButtonLink>
  ) : (
    <Button onPress={onSet}>{variable.set_by === 'tenant' ? 'Change it' : 'Set it'}</Button>
  );

const NoVariables = ({ server }: { readonly server: McpServerDetail }) =>
  server.is_own ? null : (
    <Note>
      Its credential is in the configuration file, with the tenants that it acts for. Without tenants its tools may only
      read.
    </Note>
  );

const StateBadge = ({ variable: { required, set_by: by } }: { readonly variable: McpVariable }) => {
  if (by === 'tenant')
    return (
      <Badge tone="ok" icon="success">
        Set
      </Badge>
    );
  if (by === 'operator')
    return (
      <span data-tip="Set for all tenants: tools that only read use it" tabIndex={0}>
        <Badge tone="info" icon="success">
          Set for all, to read
        </Badge>
      </span>
    );
  return required ? (
    <Badge tone="warn" icon="alert">
      Missing
    </Badge>
  ) : (
    <Badge tone="idle" icon="minus">
      Not set
    </Badge>
  );
};

const Place = ({ variable: { secret, secret_name: name } }: { readonly variable: McpVariable }) =>
  secret ? (
    <>
      Kept as the secret <code className="mcp-name">{name}</code>
    </>
  ) : (
    <>
      Kept in the setting <code>mcp-variables</code>
    </>
  );

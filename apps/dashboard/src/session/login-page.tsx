import './login-page.css';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouter } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';

import { urlOf } from '../api/client.js';
import { Button } from '../ui/button.js';
import { CodeBlock } from '../ui/code-block.js';
import { ErrorNote, Note } from '../ui/error-state.js';
import { TextField } from '../ui/fields.js';
import { Icon } from '../ui/icon.js';
import { Logo } from '../ui/logo.js';
import { loginFailureText } from './login-failure.policy.js';
import { loginRoute } from './login-route.js';
import { codeOf, returnPath } from './return.policy.js';
import { callerQuery, logIn, waysQuery } from './session.js';
import { sessionEndText } from './session-end.policy.js';

const basePath = '/ui';

const isLoopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(location.hostname);

/** Exchanges the code of a one-time link, once, and takes it out of the address before anything else happens. */
const takeCode = (): string | undefined => {
  const code = codeOf(location.hash);
  if (code !== undefined) history.replaceState(history.state, '', location.pathname + location.search);
  return code;
};

export const LoginPage = () => {
  const { back, failed, ended } = loginRoute.useSearch();
  const failure = loginFailureText(failed);
  const end = failure === undefined ? sessionEndText(ended) : undefined;
  const client = useQueryClient();
  const router = useRouter();
  const navigate = useNavigate();
  const [key, setKey] = useState('');
  const [isPending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  const hasTaken = useRef(false);
  const ways = useQuery(waysQuery);

  const enter = async (secret: { key: string } | { code: string }): Promise<void> => {
    setPending(true);
    setError(undefined);
    try {
      await logIn(client, secret);
      await router.invalidate();
      await navigate({ href: returnPath(back), replace: true });
    } catch (thrown) {
      setError(thrown);
      setPending(false);
    }
  };

  useEffect(() => {
    document.title = 'Log in · Pulser';
    if (hasTaken.current) return;
    hasTaken.current = true;
    const code = takeCode();
    if (code !== undefined) void enter({ code });
  });

  const oidcStart = ways.data?.oidc_start ?? undefined;
  const isPossible = ways.data?.possible ?? true;

  return (
    <main className="login">
      <div className="login-card">
        <Logo size={36} />
        <h1>Log in to Pulser</h1>
        {failure !== undefined && error === undefined && (
          <div role="alert">
            <Note kind="bad" icon="alert">
              <strong>You are not logged in.</strong>
              <p>{failure}</p>
            </Note>
          </div>
        )}
        {end !== undefined && error === undefined && (
          <div role="status">
            <Note icon="clock">
              <strong>You are logged out.</strong>
              <p>{end}</p>
            </Note>
          </div>
        )}
        {ways.data?.logged_in === true && (
          <Button
            icon="arrow"
            onPress={() => {
              client.removeQueries({ queryKey: callerQuery.queryKey });
              void navigate({ href: returnPath(back), replace: true });
            }}
          >
            Go on as who is logged in
          </Button>
        )}
        {isPossible ? (
          <>
            {oidcStart !== undefined && (
              <>
                <a
                  className="button button-primary button-m"
                  href={urlOf(oidcStart, { return_to: basePath + returnPath(back) })}
                >
                  <Icon name="user" />
                  Continue with single sign-on
                </a>
                <div className="login-or">or with an API key</div>
              </>
            )}
            <form
              className="login-form"
              onSubmit={(event) => {
                event.preventDefault();
                const text = key.trim();
                if (text !== '' && !isPending) void enter({ key: text });
              }}
            >
              <TextField
                label="API key"
                type="password"
                autoComplete="off"
                isCode
                autoFocus
                value={key}
                onChange={setKey}
                hint="Sent once. The browser keeps a session instead, which ends with the key."
              />
              {error !== undefined && <ErrorNote error={error} />}
              <Button
                type="submit"
                kind={oidcStart === undefined ? 'primary' : 'plain'}
                isPending={isPending}
                isDisabled={key.trim() === ''}
              >
                Log in
              </Button>
            </form>
            <details className="login-help">
              <summary>Who can log in?</summary>
              <ul>
                <li>
                  Every key of a tenant that has not expired and is not revoked, whatever its role: the page offers what
                  the role may do.
                </li>
                <li>
                  Every key of the installation, which has no tenant: the page shows what all tenants share, the agents
                  with their workers and the trail of operators, and no task.
                </li>
                <li>
                  {oidcStart === undefined
                    ? 'People of an identity provider, once whoever runs Pulser has set one up: it has none now.'
                    : 'People of the identity provider whose account names a tenant and a role, in tenant_id and role of app_metadata.'}
                </li>
              </ul>
            </details>
            {isLoopback && (
              <details className="login-help">
                <summary>Where is my key?</summary>
                <p>
                  <code>npm start</code> prints a link that logs in by itself, and leaves its key in a file:
                </p>
                <CodeBlock code="cat .pulser/data/api-key" label="Command" />
              </details>
            )}
          </>
        ) : (
          <Note kind="warn" icon="alert">
            <strong>This connection cannot keep a login.</strong>
            <p>{ways.data?.reason}</p>
          </Note>
        )}
        {ways.error !== null && error === undefined && <ErrorNote error={ways.error} />}
      </div>
    </main>
  );
};

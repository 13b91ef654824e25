import { useMay } from '../../session/session.js';
import { ButtonLink } from '../../ui/button.js';
import { EmptyState } from '../../ui/empty-state.js';
import type { IconName } from '../../ui/icon.js';

const command = `curl -sS -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\
  ${location.origin}/api/v1/tasks -d '{"task_type":"analytics","payload":{"operation":"query","sources":[{"name":"t","format":"csv","content":"a\\n1\\n2\\n"}],"sql":"select sum(a) as total from t"}}'`;

interface FirstTaskProps {
  readonly icon: IconName;
  /** What appears with the first task. */
  readonly children: string;
}

/** Where there is no task at all: the form with an example in it, for who may submit, and the same from a shell. */
export const FirstTask = ({ icon, children }: FirstTaskProps) => {
  const mayAct = useMay('operator');
  return (
    <EmptyState
      icon={icon}
      title="No task yet"
      actions={
        mayAct && (
          <>
            <ButtonLink
              to="/submit"
              search={{ task_type: 'analytics', operation: 'query' }}
              kind="primary"
              icon="submit"
            >
              Submit an example
            </ButtonLink>
            <ButtonLink to="/submit">See what agents can do</ButtonLink>
          </>
        )
      }
      command={command}
      commandLabel={
        <>
          Or from a shell, with a key that <code>npm run pulser -- keys create</code> makes:
        </>
      }
    >
      {children}
      {!mayAct && ' Your role may look at tasks, but not submit them.'}
    </EmptyState>
  );
};

import { Link } from '@tanstack/react-router';
import { useRef, useState } from 'react';

import { useKeys } from '../../app/keyboard.js';
import { AgentAvatar, AgentName } from '../../ui/agent.js';
import { EmptyState } from '../../ui/empty-state.js';
import { SearchBox } from '../../ui/fields.js';
import { Panel } from '../../ui/page.js';
import { matchingOperations } from './operation-search.policy.js';
import type { TaskTypeView } from './task-type-queries.js';

/** Everything that can be submitted, by task type, to choose one. */
export const OperationList = ({ types }: { readonly types: readonly TaskTypeView[] }) => {
  const [typed, setTyped] = useState('');
  const box = useRef<HTMLInputElement>(null);
  useKeys('Submit', [
    {
      keys: '/',
      label: 'Search the operations',
      run: () => {
        box.current?.focus();
      },
    },
  ]);
  const found = matchingOperations(types, typed);
  return (
    <>
      <div className="list-bar">
        <SearchBox
          label="Search the operations"
          placeholder="query, report, test an API…"
          value={typed}
          onChange={setTyped}
          keys="/"
          inputRef={box}
        />
      </div>
      {found.length === 0 && (
        <EmptyState icon="search" title="No operation is called that">
          Search for what it does, its task type or its agent.
        </EmptyState>
      )}
      <div className="grid">
        {found.map(({ task_type: taskType, agent, operations }) => (
          <Panel key={taskType} title={taskType} aside={<AgentName agent={agent} />} isFlush>
            <ul className="operations">
              {operations.map(({ operation, summary }) => (
                <li key={operation}>
                  <Link to="/submit" search={{ task_type: taskType, operation }} className="operation">
                    <AgentAvatar agent={agent} size={28} />
                    <span className="operation-text">
                      <span className="operation-name">{operation}</span>
                      <span className="muted">{summary}</span>
                    </span>
                  </Link>
                </li>
              ))}
              {operations.length === 0 && (
                <li>
                  <Link to="/submit" search={{ task_type: taskType }} className="operation">
                    <AgentAvatar agent={agent} size={28} />
                    <span className="operation-text">
                      <span className="operation-name">{taskType}</span>
                      <span className="muted">Takes any payload: it has registered no operations</span>
                    </span>
                  </Link>
                </li>
              )}
            </ul>
          </Panel>
        ))}
      </div>
    </>
  );
};

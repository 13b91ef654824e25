import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { count, counted, percent } from '../../ui/numbers.policy.js';
import { Badge } from '../../ui/status-badge.js';
import { coverageQuery } from './memory-queries.js';

/** How much of the memory can be found by meaning; pressed, it says so for every embedding model. */
export const Coverage = () => {
  const { data } = useQuery(coverageQuery);
  const [isOpen, setOpen] = useState(false);
  const current = data?.models.find((model) => model.current);
  if (data === undefined || current === undefined) return null;
  return (
    <>
      <Button
        kind="quiet"
        size="s"
        icon="search"
        onPress={() => {
          setOpen(true);
        }}
      >
        {`${percent(current.coverage)} found by meaning`}
      </Button>
      <Dialog
        title="Embedding models"
        isOpen={isOpen}
        onClose={() => {
          setOpen(false);
        }}
      >
        <p className="muted">
          {counted(data.memories, 'memory', 'memories')} altogether. The current model is the one that is searched with;
          what it has not embedded yet is found by filters alone. After a change of the model all are embedded again.
        </p>
        {data.models.map(({ model, dimensions, current: isCurrent, embedded, coverage }) => (
          <div key={model} className="coverage">
            <p className="cluster">
              <strong className="coverage-model">{model}</strong>
              <span className="muted num">{counted(dimensions, 'dimension')}</span>
              {isCurrent && (
                <Badge tone="ok" icon="check">
                  Current
                </Badge>
              )}
            </p>
            <progress className="coverage-bar" value={coverage} max={1} aria-label={`Coverage of ${model}`} />
            <p className="muted num">
              {count(embedded)} of {counted(data.memories, 'memory', 'memories')}, {percent(coverage)}
            </p>
          </div>
        ))}
      </Dialog>
    </>
  );
};

import type { StepStatus } from '@pulser/contracts';

import type { Span } from './run-spans.policy.js';

/** When a step ran, within the time of its run; the column beside it says how long. */
export const RunBar = ({ span, status }: { readonly span: Span | undefined; readonly status: StepStatus }) =>
  span === undefined ? null : (
    <div className="run-bar-track">
      <svg className={`run-bar run-bar-${status}`} viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        <rect x={span.from} y={0} width={span.width} height={10} />
      </svg>
    </div>
  );

import type { DatasetVersionView } from '@pulser/contracts';

import { PlaceLink } from '../../app/place-link.js';
import { CopyButton } from '../../ui/code-block.js';
import { bytes, count, counted } from '../../ui/numbers.policy.js';
import { Facts, Panel } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';

/** What is known of a version, and which task made it. */
export const VersionFacts = ({ version }: { readonly version: DatasetVersionView }) => {
  const { rows, rejected, columns, bytes: size, created_at, made_by, reference, sha256 } = version;
  return (
    <Panel title={`Version ${version.version}`} aside={<CopyButton text={reference}>Copy reference</CopyButton>}>
      <div className="dataset-facts">
        <Facts
          facts={[
            { name: 'Rows', value: <span className="num">{count(rows)}</span> },
            {
              name: 'Rejected',
              value:
                rejected === 0 ? (
                  'None'
                ) : (
                  <a href={rejectedFile(made_by)} download={`${reference.replaceAll(/\W+/g, '-')}-rejected.ndjson`}>
                    {counted(rejected, 'row')}, with line and reason
                  </a>
                ),
            },
            { name: 'Columns', value: <span className="num">{count(columns.length)}</span> },
          ]}
        />
        <Facts
          facts={[
            { name: 'Made', value: <RelativeTime at={created_at} /> },
            {
              name: 'By task',
              value: (
                <PlaceLink place={`/tasks/${made_by}`} className="mono">
                  {made_by}
                </PlaceLink>
              ),
            },
            { name: 'Size', value: <span className="num">{bytes(size)} as Parquet</span> },
          ]}
        />
        <Facts
          facts={[
            { name: 'Reference', value: <span className="mono">{reference}</span> },
            {
              name: 'SHA-256',
              value: (
                <span className="mono" title={sha256}>
                  {sha256.slice(0, 16)}… <CopyButton text={sha256} label="Copy the hash" />
                </span>
              ),
            },
          ]}
        />
      </div>
    </Panel>
  );
};

/** The file in which a task keeps what it could not read. */
const rejectedFile = (taskId: string): string => `/api/v1/tasks/${taskId}/artifacts/rejected.ndjson`;

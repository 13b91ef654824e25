import '../datasets/datasets.css';
import './dataset.css';

import type { DatasetVersionView } from '@pulser/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';

import { isApiError } from '../../api/problem.js';
import { PlaceLink } from '../../app/place-link.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState } from '../../ui/error-state.js';
import { Select } from '../../ui/fields.js';
import { Page } from '../../ui/page.js';
import { Skeleton } from '../../ui/skeleton.js';
import { Tabs } from '../../ui/tabs.js';
import { UploadList } from '../datasets/upload-list.js';
import { ColumnsView } from './columns-view.js';
import { CompareView } from './compare-view.js';
import { DatasetActions } from './dataset-actions.js';
import { versionsQuery } from './dataset-queries.js';
import type { DatasetPlace, DatasetTab } from './dataset-route.js';
import { LineageView } from './lineage-view.js';
import { ProfileView } from './profile-view.js';
import { RowsView } from './rows-view.js';
import { VersionFacts } from './version-facts.js';
import { VersionsView } from './versions-view.js';

export const DatasetPage = () => {
  const { name } = useParams({ from: '/frame/datasets/$name' });
  const { version } = useSearch({ from: '/frame/datasets/$name' });
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    versionsQuery(name),
  );
  const versions = data?.pages.flatMap((page) => page.versions);
  // The version of the address stands on a page that is not loaded yet.
  const isOlder = version !== undefined && hasNextPage && (versions?.at(-1)?.version ?? 0) > version;
  useEffect(() => {
    if (isOlder && !isFetchingNextPage) void fetchNextPage();
  }, [isOlder, isFetchingNextPage, fetchNextPage]);
  if (versions === undefined) {
    if (error !== null && isApiError(error, 'not_found')) return <Gone name={name} />;
    return (
      <Page title={name}>
        {error === null ? (
          <Skeleton width="100%" height="240px" />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )}
      </Page>
    );
  }
  const shown = version === undefined ? versions[0] : versions.find((one) => one.version === version);
  if (isOlder) {
    return (
      <Page title={name}>
        <Skeleton width="100%" height="240px" />
      </Page>
    );
  }
  return (
    <Shown
      name={name}
      versions={versions}
      shown={shown}
      onMore={
        hasNextPage
          ? () => {
              if (!isFetchingNextPage) void fetchNextPage();
            }
          : undefined
      }
    />
  );
};

const Gone = ({ name }: { readonly name: string }) => (
  <Page title={name}>
    <EmptyState
      icon="search"
      title="There is no such dataset"
      actions={
        <PlaceLink place="/datasets" className="button button-plain button-m">
          All datasets
        </PlaceLink>
      }
    >
      Its name may be mistyped, or somebody has deleted it. Nothing is made of a name alone: a dataset begins with its
      first version.
    </EmptyState>
  </Page>
);

interface ShownProps {
  readonly name: string;
  /** The newest first, as far as they are loaded. */
  readonly versions: readonly DatasetVersionView[];
  /** Undefined: there is none, or not the one of the address. */
  readonly shown: DatasetVersionView | undefined;
  readonly onMore: (() => void) | undefined;
}

const Shown = ({ name, versions, shown, onMore }: ShownProps) => {
  const search = useSearch({ from: '/frame/datasets/$name' });
  const navigate = useNavigate();
  const { tab = 'rows' } = search;
  const goTo = (next: DatasetPlace): void => {
    void navigate({ to: '/datasets/$name', params: { name }, search: next, replace: true });
  };
  const latest = versions[0]?.version;
  const chooseVersion = (version: number): void => {
    goTo({ tab: search.tab, ...(version !== latest && { version }) });
  };
  return (
    <Page
      title={name}
      aside={
        versions.length > 0 && (
          <Select
            label="Version"
            isLabelHidden
            value={shown === undefined ? undefined : String(shown.version)}
            placeholder="Choose a version"
            onChange={(version) => {
              chooseVersion(Number(version));
            }}
            options={versions.map(({ version }) => ({
              id: String(version),
              text: version === latest ? `Version ${version} (latest)` : `Version ${version}`,
            }))}
          />
        )
      }
      actions={<DatasetActions name={name} shown={shown} />}
    >
      <UploadList />
      {shown === undefined ? (
        <EmptyState icon="search" title={versions.length === 0 ? 'No version is left' : 'There is no such version'}>
          {versions.length === 0
            ? 'All of its versions were deleted. A file that is uploaded to it becomes the next one.'
            : 'It may be past the time for which old versions are kept. Choose another one.'}
        </EmptyState>
      ) : (
        <>
          <VersionFacts version={shown} />
          <Tabs<DatasetTab>
            label="Parts of the dataset"
            value={tab}
            onChange={(next) => {
              goTo({ ...search, tab: next });
            }}
            tabs={[
              { id: 'rows', title: 'Rows', content: <RowsView name={name} version={shown} /> },
              {
                id: 'columns',
                title: 'Columns',
                count: shown.columns.length,
                content: <ColumnsView columns={shown.columns} />,
              },
              { id: 'lineage', title: 'Lineage', content: <LineageView name={name} version={shown.version} /> },
              {
                id: 'versions',
                title: 'Versions',
                content: (
                  <VersionsView
                    name={name}
                    versions={versions}
                    current={shown.version}
                    onChoose={chooseVersion}
                    onMore={onMore}
                  />
                ),
              },
              {
                id: 'compare',
                title: 'Compare',
                content: <CompareView name={name} versions={versions} shown={shown} place={search} onPlace={goTo} />,
              },
              {
                id: 'profile',
                title: 'Profile',
                content: <ProfileView version={shown} place={search} onPlace={goTo} />,
              },
            ]}
          />
        </>
      )}
    </Page>
  );
};

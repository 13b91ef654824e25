import type { ArtifactView } from '@pulser/contracts';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';

import { send } from '../../api/client.js';
import { Button } from '../../ui/button.js';
import { CodeBlock } from '../../ui/code-block.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState } from '../../ui/error-state.js';
import { JsonView } from '../../ui/json-view.js';
import { bytes } from '../../ui/numbers.policy.js';
import { Panel } from '../../ui/page.js';
import { Skeleton } from '../../ui/skeleton.js';
import { kindOf, type ShownKind } from './artifact-kind.policy.js';

const Markdown = lazy(() => import('../../ui/markdown.js'));

/** Larger files are not shown, only downloaded. */
const maxShownBytes = 8_000_000;

interface ArtifactsViewProps {
  readonly artifacts: readonly ArtifactView[];
}

/** The files that a task made, shown where that is safe: nothing in them is ever run. */
export const ArtifactsView = ({ artifacts }: ArtifactsViewProps) =>
  artifacts.length === 0 ? (
    <EmptyState icon="info" title="No files">
      The task made none.
    </EmptyState>
  ) : (
    <div className="artifacts">
      {artifacts.map((artifact) => (
        <Artifact key={artifact.name} artifact={artifact} />
      ))}
    </div>
  );

const Artifact = ({ artifact }: { readonly artifact: ArtifactView }) => {
  const { name, media_type, bytes: size, href } = artifact;
  const kind = size > maxShownBytes ? 'none' : kindOf(media_type);
  return (
    <Panel
      title={name}
      aside={
        <span className="artifact-aside">
          <span className="muted num">
            {media_type}, {bytes(size)}
          </span>
          <a className="button button-s" href={href} download={name}>
            Download
          </a>
        </span>
      }
    >
      {kind === 'none' ? (
        <p className="muted">
          {size > maxShownBytes ? 'Too large to be shown here.' : 'Not a kind of file that is shown here.'}
        </p>
      ) : (
        <Content href={href} name={name} kind={kind} />
      )}
    </Panel>
  );
};

interface ContentProps {
  readonly href: string;
  readonly name: string;
  readonly kind: Exclude<ShownKind, 'none'>;
}

/** The type that a file is shown as: never the one that the file claims for itself. */
const shownAs = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  svg: 'image/svg+xml',
  pdf: 'application/pdf',
} as const;

const isBinary = (kind: string): kind is keyof typeof shownAs => Object.hasOwn(shownAs, kind);

const Content = ({ href, name, kind }: ContentProps) => {
  const { data, error, refetch } = useQuery({
    queryKey: ['artifact', href],
    queryFn: async ({ signal }) => {
      const response = await send(href, { signal, headers: { accept: '*/*' } });
      return isBinary(kind)
        ? { blob: new Blob([await response.arrayBuffer()], { type: shownAs[kind] }) }
        : { text: await response.text() };
    },
    staleTime: Infinity,
  });
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton width="100%" />;
  if (data.blob !== undefined) return <Binary blob={data.blob} kind={kind} name={name} />;
  if (kind === 'markdown') {
    return (
      <Suspense fallback={<Skeleton width="100%" />}>
        <Markdown text={data.text} />
      </Suspense>
    );
  }
  const json = kind === 'json' ? parsed(data.text) : undefined;
  return json === undefined ? (
    <CodeBlock code={data.text} label={name} maxHeight="480px" />
  ) : (
    <JsonView value={json} label={name} />
  );
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

interface BinaryProps {
  readonly blob: Blob;
  readonly kind: string;
  readonly name: string;
}

/** A picture; a PDF in the browser's own viewer. As `<img>` an SVG runs no script and loads nothing. */
const Binary = ({ blob, kind, name }: BinaryProps) => {
  const [url, setUrl] = useState<string>();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => {
      URL.revokeObjectURL(made);
    };
  }, [blob]);
  if (url === undefined) return null;
  if (kind !== 'pdf') return <img className="artifact-image" src={url} alt={name} />;
  return isOpen ? (
    <iframe className="artifact-pdf" src={url} title={name} />
  ) : (
    <Button
      icon="play"
      onPress={() => {
        setOpen(true);
      }}
    >
      Show the PDF
    </Button>
  );
};

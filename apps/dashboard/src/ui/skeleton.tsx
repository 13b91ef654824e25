import './state.css';

interface SkeletonProps {
  /** CSS lengths of the place that the content will take, so that nothing jumps when it comes. */
  readonly width?: string;
  readonly height?: string;
}

/** The place of something that is still loading. Say once, near by, what is being loaded. */
export const Skeleton = ({ width = '100%', height = '1em' }: SkeletonProps) => (
  <span className="skeleton" style={{ display: 'block', width, height }} aria-hidden="true" />
);

import { useRouter } from '@tanstack/react-router';
import type { AnchorHTMLAttributes } from 'react';

interface PlaceLinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href' | 'style'> {
  /** A path of the page with its query, as text: `/tasks?status=failed`. Prefer `Link` where the place is known. */
  readonly place: string;
}

/** A link whose place is put together while the page runs. */
export const PlaceLink = ({ place, onClick, children, ...props }: PlaceLinkProps) => {
  const router = useRouter();
  return (
    <a
      {...props}
      href={router.history.createHref(`/ui${place}`)}
      onClick={(event) => {
        onClick?.(event);
        // Other buttons and keys mean the browser: a new tab, a copy of the address.
        if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        void router.navigate({ href: place });
      }}
    >
      {children}
    </a>
  );
};

import './overlay.css';

import type { ReactElement, ReactNode } from 'react';
import { Focusable } from 'react-aria-components/Tooltip';
import { Tooltip, TooltipTrigger } from 'react-aria-components/Tooltip';

import { Keys } from './keys.js';

interface TipProps {
  readonly text: ReactNode;
  readonly keys?: string;
  /** One button or link of react-aria. For anything else see `TipOn`. */
  readonly children: ReactNode;
}

/** A short text beside a control, for pointers that rest and for the keyboard's focus. */
export const Tip = ({ text, keys, children }: TipProps) => (
  <TooltipTrigger delay={400} closeDelay={80}>
    {children}
    <Tooltip className="tooltip" offset={6}>
      {text}
      {keys !== undefined && <Keys keys={keys} />}
    </Tooltip>
  </TooltipTrigger>
);

interface TipOnProps {
  readonly text: ReactNode;
  /** One element that takes the focus: give it `tabIndex={0}` and a role. */
  readonly children: ReactElement<React.DOMAttributes<HTMLElement>, string>;
}

/** The same on any element. */
export const TipOn = ({ text, children }: TipOnProps) => (
  <TooltipTrigger delay={400} closeDelay={80}>
    <Focusable>{children}</Focusable>
    <Tooltip className="tooltip" offset={6}>
      {text}
    </Tooltip>
  </TooltipTrigger>
);

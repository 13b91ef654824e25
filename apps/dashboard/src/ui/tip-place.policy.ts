// Where the text of a control stands: above it, in the middle, and within the window.

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Pixels between both, and to the edge of the window. */
const gap = 6;

export const tipPlace = (
  beside: Box,
  { width, height }: Pick<Box, 'width' | 'height'>,
  windowWidth: number,
): Pick<Box, 'left' | 'top'> => {
  const above = beside.top - gap - height;
  const middle = beside.left + (beside.width - width) / 2;
  return {
    left: Math.max(gap, Math.min(middle, windowWidth - width - gap)),
    top: above >= gap ? above : beside.top + beside.height + gap,
  };
};

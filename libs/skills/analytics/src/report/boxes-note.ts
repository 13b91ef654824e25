// Characters of a report that its PDF cannot show.
import { missingIn } from '@pulser/charts/text';

import { type ReportDocument, wordsOf } from '../print/document.js';

const maxNamed = 5;

/** What to say about them; nothing when there are none. */
export const boxesNote = (report: ReportDocument): string[] => {
  const missing = missingIn(wordsOf(report));
  if (missing.length === 0) return [];
  const codes = missing
    .slice(0, maxNamed)
    .map((char) => `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`);
  const more = missing.length > maxNamed ? ` and ${missing.length - maxNamed} more` : '';
  return [`Characters that no font here has, shown as boxes in the PDF: ${codes.join(', ')}${more}`];
};

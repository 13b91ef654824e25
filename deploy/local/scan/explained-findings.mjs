/** What the scan finds that is meant to be so: wapiti's category, where, and why that is fine. */
export const explainedFindings = [];

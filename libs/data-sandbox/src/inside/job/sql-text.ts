// Names and values in SQL that is made here.

/** A name of a table or column, whatever is in it. */
export const quotedName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text as a literal. */
export const quotedText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * An expression of this type as JSON. DuckDB writes NaN and infinite numbers as no JSON has them: they become texts, and so
 * does a list or struct that holds one.
 */
export const asJson = (expression: string, type: string): string => {
  if (!/\b(?:FLOAT|DOUBLE)\b/.test(type)) return `to_json(${expression})`;
  const unreal = /^(?:FLOAT|DOUBLE)$/.test(type)
    ? `NOT isfinite(${expression})`
    : `regexp_matches((${expression})::VARCHAR, '(?i)\\b(nan|inf)')`;
  return `CASE WHEN ${unreal} THEN to_json((${expression})::VARCHAR) ELSE to_json(${expression}) END`;
};

/** The name of a table that SQL takes as it is, after a dataset: `2026-sales.v1` is `t_2026_sales_v1`. */
export const tableNameOf = (dataset: string): string => {
  const name = dataset.replaceAll(/\W/g, '_');
  return (/^\d/.test(name) ? `t_${name}` : name).slice(0, 63);
};

/** The form of a new task with a query over a version in it. @param reference `dataset:sales@3` */
export const queryPlace = (dataset: string, reference: string): string => {
  const name = tableNameOf(dataset);
  const payload = {
    operation: 'query',
    sources: [{ name, dataset: reference }],
    sql: `SELECT * FROM "${name}" LIMIT 100`,
  };
  const search = new URLSearchParams({
    task_type: 'analytics',
    operation: 'query',
    payload: JSON.stringify(payload),
  });
  return `/submit?${search.toString()}`;
};

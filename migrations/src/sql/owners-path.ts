/**
 * Where a function that runs as the owner looks for names. pg_temp is searched first unless it is named: the checks of a
 * type that its caller made there would run as the owner.
 */
export const ownersPath = 'set search_path = pg_catalog, pg_temp';

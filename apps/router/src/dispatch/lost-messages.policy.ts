/**
 * Whether messages about tasks are gone from a queue. Workers hold some that are not counted, so a full queue may lack a
 * few; what is sent twice does no harm, but ten thousand messages cost.
 * @param tasks whose message should be there
 * @param depth messages that wait
 */
export const messagesLost = (tasks: number, depth: number): boolean => (depth === 0 ? tasks > 0 : depth < tasks / 2);

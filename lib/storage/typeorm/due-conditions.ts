/** Of how many leased rows at most the ends are looked at to know when to wake up. */
export const LEASES_LOOKED_AT = 1_000;

/** Whether nobody's lease on the row `t` lives at `now`. */
export const isFree = (now: string): string => `(t.locked_until IS NULL OR t.locked_until <= ${now})`;

/**
 * What a claim writes, as `claim` in task-transitions says: a fresh lease, one attempt more, and at the beginning the queued trigger. The
 * execution's id is written when it is no longer the lease's token. Assigned from what the row was before.
 */
export const leaseAssignments = (lockedUntil: string, token: string, owner: string): string =>
  [
    `locked_until = ${lockedUntil}`,
    `lease_token = ${token}`,
    `locked_by = ${owner}`,
    'attempt = t.attempt + 1',
    'execution_id = CASE WHEN t.attempt = 0 THEN NULL ELSE COALESCE(t.execution_id, t.lease_token) END',
    'queued_run = CASE WHEN t.attempt = 0 THEN NULL ELSE t.queued_run END',
    'current_run = CASE WHEN t.attempt = 0 AND t.queued_run IS NOT NULL THEN t.queued_run ELSE t.current_run END',
  ].join(', ');

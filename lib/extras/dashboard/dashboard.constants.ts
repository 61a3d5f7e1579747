/** The options as they were given. */
export const DASHBOARD_OPTIONS = Symbol('PYNCETTE_DASHBOARD_OPTIONS');
/** The options, checked. */
export const DASHBOARD_SETTINGS = Symbol('PYNCETTE_DASHBOARD_SETTINGS');
/** The folder of the built page. */
export const PAGE_FOLDER = Symbol('PYNCETTE_DASHBOARD_PAGE_FOLDER');
/** The clock by which the page is told what happened; not that of the schedule. */
export const STREAM_CLOCK = Symbol('PYNCETTE_DASHBOARD_STREAM_CLOCK');

// How figures change while something goes on.
export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

const quarter = (values, which) =>
  values.slice(Math.floor((values.length * which) / 4), Math.ceil((values.length * (which + 1)) / 4));

/** The last quarter against the second one, or another: the first is warming up. */
export const change = (values, since = 1) => mean(quarter(values, 3)) / mean(quarter(values, since));

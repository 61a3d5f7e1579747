/** The middle one, or the mean of the two in the middle. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(half)] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Median, least and greatest of what was measured; null where nothing was. */
export function summary(values) {
  const known = values.filter((value) => Number.isFinite(value));
  if (known.length === 0) return null;
  return { median: median(known), min: Math.min(...known), max: Math.max(...known) };
}

export const shown = (value) => {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) < 10 ? 2 : 1);
};

/** The median, with the least and the greatest where there is more than one. */
export function spread(values) {
  const found = summary(values);
  if (found === null) return '';
  const { median, min, max } = found;
  return min === max ? shown(median) : `${shown(median)} (${shown(min)}-${shown(max)})`;
}

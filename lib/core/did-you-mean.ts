import { distance } from 'fastest-levenshtein';

const plain = (text: string): string => text.replaceAll('_', '').toLowerCase();

/** Whether a word can only be one of the candidates, misspelt: for options beside which others have theirs. */
export const isMisspelt = (word: string, candidates: readonly string[]): boolean =>
  !candidates.includes(word) && candidates.some((candidate) => distance(plain(word), plain(candidate)) <= 2);

/** What Pyncette calls otherwise. */
const PYNCETTES: Readonly<Record<string, string>> = { fastforward: 'missed', extraargs: 'args' };

/** `" (did you mean 'x'?)"` when one of the candidates is near enough to a word, else nothing. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const wanted = plain(word);
  const renamed = Object.hasOwn(PYNCETTES, wanted) ? PYNCETTES[wanted] : undefined;
  if (renamed !== undefined && candidates.includes(renamed)) return ` (did you mean '${renamed}'?)`;
  let best: string | null = null;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const apart = distance(wanted, plain(candidate));
    if (apart < least) [best, least] = [candidate, apart];
  }
  return best === null ? '' : ` (did you mean '${best}'?)`;
}

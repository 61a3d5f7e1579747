import { createHash } from 'node:crypto';

/**
 * A number from 0 (inclusive) to 2^32 (exclusive) that a text always hashes to: the first four bytes of its SHA-256.
 * Partitions and jitter are stored in terms of it, so it never changes between releases.
 */
export function stableHash(text: string): number {
  return createHash('sha256').update(text, 'utf8').digest().readUInt32BE(0);
}

/** The same as a fraction from 0 (inclusive) to 1 (exclusive). */
export function stableFraction(text: string): number {
  return stableHash(text) / 2 ** 32;
}

import { createHash } from 'node:crypto';

/** A Lua script, and the digest by which a server that has seen it knows it. */
export interface Script {
  readonly lua: string;
  readonly sha: string;
}

export const script = (lua: string): Script => ({ lua, sha: createHash('sha1').update(lua).digest('hex') });

/** How many rows one command within a script concerns: Lua passes no more than about 8,000 arguments at once. */
export const AT_ONCE = 500;

/** What a search came to; with a violation, the shortest way to it. */
export interface Explored {
  readonly states: number;
  readonly transitions?: number;
  readonly violation?: string;
  readonly property?: string;
  readonly way?: readonly string[];
}
export function explore(scenario: object, rules: object): Explored;

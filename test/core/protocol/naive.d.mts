export interface NaiveRule {
  readonly name: string;
  readonly property: string;
  readonly scenario: string;
  readonly cfg?: object;
  readonly rules: object;
}
export const naive: readonly NaiveRule[];

export interface Scenario {
  readonly name: string;
  readonly horizon: number;
  readonly clients: number;
  readonly faults: number;
  readonly slots: number;
  readonly ops: readonly string[];
}
export const scenarios: readonly Scenario[];

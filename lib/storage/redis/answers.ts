/** The texts of a list, as commands answer it; none where it is no list. */
export const textsOf = (answer: unknown): string[] => (Array.isArray(answer) ? answer.map(String) : []);

import { memoryRepository } from 'nestjs-pyncette';
import { repositoryConformance } from 'nestjs-pyncette/testing';
import { describe, it } from 'vitest';

describe('The repository in memory', () => {
  const cases = repositoryConformance(() => {
    const repository = memoryRepository();
    return { connect: () => repository };
  });
  for (const { name, run } of cases) it(name, run);
});

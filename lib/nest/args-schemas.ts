import { Injectable } from '@nestjs/common';
import { InvalidScheduleException, PyncetteException } from '../core/errors.js';
import { isRecord } from '../core/read-option.js';

/** The part of the Standard Schema specification (https://standardschema.dev) that is used here. */
interface StandardSchema {
  readonly '~standard': {
    validate(value: unknown): StandardResult | Promise<StandardResult>;
  };
}

type StandardResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly unknown[] }[] };

/** Thrown when `argsSchema` is a class and the libraries that read it are not installed. */
class ArgsSchemaException extends PyncetteException {
  readonly code = 'PYNCETTE_ARGS_SCHEMA';
}

/** Checks args against a task's `argsSchema`: a Standard Schema, or a class with the decorators of class-validator. */
@Injectable()
export class ArgsSchemas {
  /** The schema's output. @throws InvalidScheduleException that says `what`, and everything that is wrong with the args */
  async check(schema: unknown, args: object, what: string): Promise<object> {
    const { output, issues } = isStandard(schema)
      ? await standard(schema, args)
      : await decorated(schema as new () => object, args);
    if (issues.length > 0)
      throw new InvalidScheduleException(`${what}: its args do not fit its argsSchema: ${issues.join('; ')}`);
    return output;
  }

  /**
   * Whether args may be stored. A schema that fails refuses them, too.
   *
   * @throws InvalidScheduleException
   */
  async admit(schema: unknown, args: object, what: string): Promise<void> {
    try {
      await this.check(schema, args, what);
    } catch (error) {
      if (error instanceof PyncetteException) throw error;
      throw new InvalidScheduleException(`${what}: its argsSchema failed: ${String(error)}`, {
        cause: error,
      });
    }
  }
}

interface Checked {
  readonly output: object;
  readonly issues: readonly string[];
}

const isStandard = (schema: unknown): schema is StandardSchema =>
  schema !== null && (typeof schema === 'object' || typeof schema === 'function') && '~standard' in schema;

/** It is given a copy, for it may write to it. */
async function standard(schema: StandardSchema, args: object): Promise<Checked> {
  const result = await schema['~standard'].validate(structuredClone(args));
  if (result.issues === undefined) {
    const { value } = result;
    return isRecord(value)
      ? { output: value, issues: [] }
      : { output: args, issues: ['its output is no object'] };
  }
  return { output: args, issues: result.issues.map(({ message, path }) => located(message, path)) };
}

function located(message: string, path: readonly unknown[] = []): string {
  const names = path.map((part) => String(isRecord(part) ? part['key'] : part));
  return names.length === 0 ? message : `${names.join('.')}: ${message}`;
}

async function decorated(type: new () => object, args: object): Promise<Checked> {
  const { plainToInstance, validate } = await libraries();
  const output: unknown = plainToInstance(type, structuredClone(args));
  if (!isRecord(output)) return { output: args, issues: ['its output is no object'] };
  const errors = await validate(output, { forbidUnknownValues: false });
  return { output, issues: errors.flatMap((error) => constraints(error)) };
}

interface ConstraintError {
  readonly constraints?: Readonly<Record<string, string>>;
  readonly children?: readonly ConstraintError[];
}

const constraints = (error: ConstraintError): string[] => [
  ...Object.values(error.constraints ?? {}),
  ...(error.children ?? []).flatMap((child) => constraints(child)),
];

interface ValidationLibraries {
  plainToInstance(type: new () => object, args: object): unknown;
  validate(value: object, options: object): Promise<readonly ConstraintError[]>;
}

/** Loaded when they are needed: an application without such a class has no use for them. */
async function libraries(): Promise<ValidationLibraries> {
  const names = ['class-transformer', 'class-validator'];
  try {
    const [transformer, validator] = (await Promise.all(names.map((name) => import(name)))) as [
      Pick<ValidationLibraries, 'plainToInstance'>,
      Pick<ValidationLibraries, 'validate'>,
    ];
    return { plainToInstance: transformer.plainToInstance, validate: validator.validate };
  } catch (error) {
    throw new ArgsSchemaException(
      `An argsSchema that is a class needs ${names.join(' and ')}: install them, or give a Standard Schema`,
      { cause: error },
    );
  }
}

import fastJsonStringify from 'fast-json-stringify';
import type { FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify';

type Validator = ReturnType<FastifySchemaCompiler<object>>;

/**
 * Compiles each schema when it is first needed. Compiling those of all routes took half of what a start takes, and most
 * processes never need most of them. A schema that cannot be compiled is a 500 of its route; each route is called in
 * the tests.
 */
export function compileLazily(compile: FastifySchemaCompiler<object>): FastifySchemaCompiler<object> {
  return (route) => {
    let compiled: Validator | undefined;
    // What is wrong is told by a property of the function, as the compiled one does.
    const validate: Validator = (data: unknown) => {
      compiled ??= compile(route);
      const isValid = compiled(data);
      validate.errors = compiled.errors ?? null;
      return isValid;
    };
    return validate;
  };
}

/** The same for what writes answers; none of them is shared between routes. */
export const serializeLazily: FastifySerializerCompiler<object> = ({ schema }) => {
  let serialize: ((data: unknown) => string) | undefined;
  return (data: unknown) => (serialize ??= fastJsonStringify(schema))(data);
};

import { expect, test } from 'vitest';
import { compileLazily } from '../../src/http/lazy-schemas.ts';
import { createSchemaCompiler } from '../../src/http/validation.ts';

const ROUTE = { schema: { type: 'object', required: ['url'] }, method: 'POST', url: '/', httpPart: 'body' };

test('a schema is compiled once, when first needed, and each time says what is wrong', () => {
  let compiled = 0;
  const compile = createSchemaCompiler();
  const validate = compileLazily((route) => {
    compiled += 1;
    return compile(route);
  })(ROUTE);
  expect(compiled).toBe(0);
  expect(validate({})).toBe(false);
  expect(validate.errors).toMatchObject([{ params: { missingProperty: 'url' } }]);
  expect(validate({ url: '' })).toBe(true);
  expect(validate.errors).toBeNull();
  expect(validate([])).toBe(false);
  expect(validate.errors).toMatchObject([{ keyword: 'type' }]);
  expect(compiled).toBe(1);
});

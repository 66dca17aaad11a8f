import type { Mistake } from '../domain/errors.ts';
import { invalid } from '../domain/errors.ts';
import type { JsonMember } from '../domain/json-members.ts';
import { quotable, readJsonObject } from '../domain/json-object.ts';
import { parseJsonPath, PATH_RULE } from '../domain/json-path.ts';
import { readSubjectValue, SUBJECT_VALUE_RULE } from '../domain/subject.ts';

/** What a client asked to be erased, checked. */
export interface ErasureRequest {
  path: string;
  /** Its JSON text. */
  value: string;
}

/**
 * Reads a request from its bytes, since a parser would change a big number. Throws a `Refusal`: 400 for what is not a
 * JSON object in UTF-8 or has a field twice, 422 with every other mistake at once. No message has the value in it.
 */
export function readErasureRequest(bytes: Uint8Array): ErasureRequest {
  const members = readJsonObject(bytes);
  const mistakes: Mistake[] = members
    .filter(({ key }) => key !== 'path' && key !== 'value')
    .map(({ key }) => ({ path: quotable(key), message: 'is not a field of this request' }));
  const [path, value] = ['path', 'value'].map((name) => {
    const text = textOf(
      bytes,
      members.find(({ key }) => key === name),
    );
    if (text === undefined) mistakes.push({ path: name, message: 'is required' });
    return text;
  });
  const read = path?.startsWith('"') ? (JSON.parse(path) as string) : '';
  if (path !== undefined && parseJsonPath(read) === undefined)
    mistakes.push({ path: 'path', message: PATH_RULE });
  if (value !== undefined && readSubjectValue(value) === undefined)
    mistakes.push({ path: 'value', message: SUBJECT_VALUE_RULE });
  if (mistakes.length > 0 || value === undefined) throw invalid(mistakes);
  return { path: read, value };
}

function textOf(bytes: Uint8Array, member: JsonMember | undefined): string | undefined {
  if (member === undefined) return undefined;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'utf8',
    member.start,
    member.end,
  );
}

import type { ValidationMode } from '../../domain/catalogue/event-type-definition.ts';
import { VALIDATION_MODES } from '../../domain/catalogue/event-type-definition.ts';
import type { Mistake } from '../../domain/errors.ts';
import { invalid } from '../../domain/errors.ts';
import { isObject } from '../../domain/json-schema/node.ts';
import type { EventTypeDraft } from './event-type-fields.ts';
import type { Located } from './openapi-bundle.ts';
import { bundle, follow, memberOf, Unusable } from './openapi-bundle.ts';
import { EXTENSIONS } from './openapi-words.ts';

/** Webhooks of one document: twice what a workspace may have of its own, for the built-in ones beside them. */
const WEBHOOKS_MAX = 1_000;

/** An event type as a document describes it, not checked yet; `validation` is missing where it says nothing of it. */
export interface ImportedType {
  name: string;
  draft: EventTypeDraft;
  validation?: ValidationMode;
  mistakes: Mistake[];
}

/** The names of the document's webhooks. Throws a 422 `Refusal` for what is no OpenAPI 3.1 with webhooks. */
export function webhooksOf(document: unknown): string[] {
  const mistakes: Mistake[] = [];
  const { openapi, webhooks } = isObject(document) ? document : {};
  if (typeof openapi !== 'string' || !/^3\.[12]\./.test(openapi))
    mistakes.push({ path: 'openapi', message: 'must be 3.1: webhooks are described since then' });
  const isGood = isObject(webhooks) && Object.keys(webhooks).length <= WEBHOOKS_MAX;
  if (!isGood)
    mistakes.push({ path: 'webhooks', message: `must be a JSON object of at most ${WEBHOOKS_MAX} webhooks` });
  if (mistakes.length > 0) throw invalid(mistakes);
  return Object.keys(webhooks as object);
}

/** Reads one webhook: its `post` and the schema of its body, or of the body's `data`. */
export function readWebhook(document: unknown, name: string): ImportedType {
  try {
    const webhooks = memberOf({ value: document, pointer: '#' }, 'webhooks');
    const item = webhooks && memberOf(webhooks, name);
    const post = item && memberOf(follow(document, item), 'post');
    if (post === undefined || !isObject(post.value)) throw new Unusable('must have a post operation');
    return { name, ...readOperation(document, post, name) };
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    return { name, draft: {}, mistakes: [{ path: name, message: error.message }] };
  }
}

function readOperation(
  document: unknown,
  post: Located,
  name: string,
): Pick<ImportedType, 'draft' | 'validation' | 'mistakes'> {
  const operation = post.value as Readonly<Record<string, unknown>>;
  const { summary = '', description = summary, deprecated = false, tags } = operation;
  const { schema, example } = readBody(document, post);
  const mistakes: Mistake[] = [];
  const text = (path: string, value: unknown): string | null => {
    if (value === undefined || value === null || typeof value === 'string') return value ?? null;
    mistakes.push({ path, message: 'must be a string' });
    return null;
  };
  const validation = operation[EXTENSIONS.validation];
  const isMode = VALIDATION_MODES.some((mode) => mode === validation);
  if (validation !== undefined && !isMode)
    mistakes.push({ path: EXTENSIONS.validation, message: `must be one of ${VALIDATION_MODES.join(', ')}` });
  if (typeof deprecated !== 'boolean')
    mistakes.push({ path: 'deprecated', message: 'must be true or false' });
  const draft: EventTypeDraft = {
    category: text('tags', Array.isArray(tags) ? tags[0] : undefined) ?? name.split('.', 1)[0],
    description: text('description', description) ?? '',
    schema,
    example,
    deprecated: deprecated === true,
    deprecationNote: text(EXTENSIONS.deprecationNote, operation[EXTENSIONS.deprecationNote]),
    replacedBy: text(EXTENSIONS.replacedBy, operation[EXTENSIONS.replacedBy]),
  };
  return { draft, mistakes, ...(isMode && { validation: validation as ValidationMode }) };
}

/** The schema and an example of `data`; null where there is none. */
function readBody(document: unknown, post: Located): { schema: unknown; example: unknown } {
  const nothing = { schema: null, example: null };
  const body = memberOf(post, 'requestBody');
  const content = body && memberOf(follow(document, body), 'content');
  const media = content && mediaIn(content);
  if (media === undefined) return nothing;
  const example = exampleIn(document, media);
  const whole = memberOf(media, 'schema');
  if (whole === undefined) return { schema: null, example };
  const data = dataIn(document, whole);
  if (data === undefined) return { schema: readSchema(document, whole), example };
  // Of the whole body, as it is sent, `data` is what the catalogue is about.
  return {
    schema: readSchema(document, data),
    example: isObject(example) ? (example['data'] ?? null) : null,
  };
}

function mediaIn(content: Located): Located | undefined {
  const types = isObject(content.value) ? Object.keys(content.value) : [];
  const json = types.find((type) => /^application\/(?:[\w.-]+\+)?json\b/.test(type));
  return json === undefined ? undefined : memberOf(content, json);
}

function exampleIn(document: unknown, media: Located): unknown {
  const example = memberOf(media, 'example');
  if (example !== undefined) return example.value;
  const examples = memberOf(media, 'examples');
  const [first] = examples && isObject(examples.value) ? Object.keys(examples.value) : [];
  const named = examples && first !== undefined ? memberOf(examples, first) : undefined;
  return (named && memberOf(follow(document, named), 'value')?.value) ?? null;
}

/** Where the schema of `data` is, if the schema is one of the whole body: with `eventType` and `data` in it. */
function dataIn(document: unknown, whole: Located): Located | undefined {
  const root = follow(document, whole);
  const allOf = memberOf(root, 'allOf');
  const parts = Array.isArray(allOf?.value)
    ? allOf.value.flatMap((_, i) => arrayMember(allOf, i)).map((part) => follow(document, part))
    : [];
  // What is written later, or on the spot, says more than what it builds on.
  const properties = [...parts, root].flatMap((part) => memberOf(part, 'properties') ?? []);
  const isWhole = properties.some((each) => memberOf(each, 'eventType') !== undefined);
  return isWhole ? properties.flatMap((each) => memberOf(each, 'data') ?? []).at(-1) : undefined;
}

function arrayMember({ value, pointer }: Located, index: number): Located[] {
  return Array.isArray(value) ? [{ value: value[index] as unknown, pointer: `${pointer}/${index}` }] : [];
}

/** An empty schema, written on the spot, says that there is none. */
function readSchema(document: unknown, schema: Located): unknown {
  const { value } = schema;
  if (value === true || (isObject(value) && Object.keys(value).length === 0)) return null;
  const isOnlyReference =
    isObject(value) && typeof value['$ref'] === 'string' && Object.keys(value).length === 1;
  return bundle(document, isOnlyReference ? follow(document, schema) : schema);
}

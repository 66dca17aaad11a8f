import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import * as fc from 'fast-check';
import type { OpenApiDocument, Operation, Parameter } from './openapi-document.ts';
import { operationsOf } from './openapi-document.ts';
import type { JsonSchema } from './schema-arbitrary.ts';
import { nearValuesOf, valuesOf } from './schema-arbitrary.ts';

export interface FuzzOptions {
  url: string;
  /** What each security scheme of the document asks for, as headers. */
  credentials: Record<string, Record<string, string>>;
  seed: number;
  /** Requests are made until this says that it is enough, the number made so far being given. */
  isEnough: (requests: number) => boolean;
  /** Ids that must outlive the run: nothing is deleted by them. */
  keptIds: readonly string[];
}

export interface FuzzReport {
  requests: number;
  /** By operation, how many answers there were of each status. */
  statuses: Record<string, Record<string, number>>;
  /** What must not be, with the request that showed it; one of each kind. */
  violations: string[];
}

/** One request as it is generated: values by parameter, and the body; `isSound` when all of it follows the document. */
interface Draft {
  operation: Operation;
  values: Record<string, unknown>;
  body: string | undefined;
  contentType: string;
  isSound: boolean;
}

const KNOWN_MAX = 20;
/** A wrong item is answered in its place and does not spoil the others. */
const JUDGED_BY_ITEM: ReadonlySet<string> = new Set(['publishEvents']);
/** Made up at once; what is made up later knows what these were answered. */
const BATCH = 10;
/** Then every list is read, for what there is to be asked for. */
const ROUNDS_PER_LOOK = 20;
const ANSWER_MS_MAX = 10_000;
/** Of an answer that never ends, this much is enough. */
const STREAM_MS = 50;
const TOLD_CHARS_MAX = 600;

/**
 * Makes requests that follow the server's OpenAPI document, nearly follow it, or do not, and judges every answer by
 * the document: its status and shape are described, none is a fault of the server, and nothing succeeds that the
 * document forbids. Ids come from the answers, so that requests meet things that are there.
 */
export async function fuzzApi(options: FuzzOptions): Promise<FuzzReport> {
  const response = await fetch(`${options.url}/openapi.json`);
  const operations = operationsOf((await response.json()) as OpenApiDocument);
  const fuzzer = new Fuzzer(options);
  // What is deleted cannot be asked for.
  const weighed = operations.map((operation) => ({
    weight: operation.method === 'DELETE' ? 1 : 4,
    arbitrary: fc.constant(operation),
  }));
  const arbitrary = fc.oneof(...weighed).chain((operation) => fuzzer.draftsOf(operation));
  const lists = operations.filter(({ method, path }) => method === 'GET' && !path.includes('{'));
  for (let round = 0; !options.isEnough(fuzzer.report.requests); round++) {
    if (round % ROUNDS_PER_LOOK === 0) for (const operation of lists) await fuzzer.make(plain(operation));
    for (const draft of fc.sample(arbitrary, { seed: options.seed + round, numRuns: BATCH }))
      await fuzzer.make(draft);
  }
  return fuzzer.report;
}

function plain(operation: Operation): Draft {
  return { operation, values: {}, body: undefined, contentType: 'application/json', isSound: true };
}

class Fuzzer {
  readonly report: FuzzReport = { requests: 0, statuses: {}, violations: [] };
  readonly #options: FuzzOptions;
  /** Values that answers gave, by where they came from and what they are called. */
  readonly #known = new Map<string, string[]>();
  readonly #kinds = new Set<string>();
  readonly #validators = new Map<object, ValidateFunction>();
  readonly #bodies = ajv({ coerceTypes: false });
  readonly #texts = ajv({ coerceTypes: true });

  constructor(options: FuzzOptions) {
    this.#options = options;
  }

  draftsOf(operation: Operation): fc.Arbitrary<Draft> {
    const values = fc.record(
      Object.fromEntries(operation.parameters.map((each) => [each.name, this.#valuesFor(operation, each)])),
    );
    const { body } = operation;
    const bodies: fc.Arbitrary<string | undefined> =
      body === undefined
        ? fc.constant(undefined)
        : fc.oneof(
            { weight: 5, arbitrary: valuesOf(body).map(asJson) },
            { weight: 4, arbitrary: nearValuesOf(body).map(asJson) },
            {
              weight: 1,
              arbitrary: fc.oneof(
                fc.constant(undefined),
                fc.string(),
                fc.json().map((text) => text.slice(0, -1)),
              ),
            },
          );
    const types = fc.oneof(
      { weight: 30, arbitrary: fc.constant('application/json') },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          'text/plain',
          'application/xml',
          'application/json; charset=latin1',
          'a/b;;',
        ),
      },
    );
    return fc.tuple(values, bodies, types).map(([given, text, contentType]) => ({
      operation,
      values: given,
      body: text,
      contentType,
      isSound: this.#isSound(operation, given, text),
    }));
  }

  /** Sends one request and judges its answer. */
  async make(draft: Draft): Promise<void> {
    const { operation, body, contentType } = draft;
    const { url, headers } = this.#addressed(draft);
    this.report.requests += 1;
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), ANSWER_MS_MAX);
    try {
      const answer = await fetch(url, {
        method: operation.method,
        headers: { ...headers, ...(body !== undefined && { 'content-type': contentType }) },
        signal: controller.signal,
        redirect: 'manual',
        ...(body !== undefined && { body }),
      });
      const type = (answer.headers.get('content-type') ?? '').split(';')[0] ?? '';
      if (type === 'text/event-stream') setTimeout(() => controller.abort(), STREAM_MS);
      const text = await answer.text().catch(() => '');
      const counts = (this.report.statuses[operation.id] ??= {});
      counts[answer.status] = (counts[answer.status] ?? 0) + 1;
      const wrong = this.#wrongWith(draft, answer, type, text);
      if (wrong !== undefined) this.#tell(draft, url, `${wrong}: ${answer.status} ${text}`);
    } catch (error) {
      this.#tell(draft, url, `no answer: ${String((error as Error).cause ?? error)}`);
    } finally {
      clearTimeout(timer);
    }
  }

  #wrongWith(draft: Draft, answer: Response, type: string, text: string): string | undefined {
    const { answers } = draft.operation;
    const { status } = answer;
    if (status >= 500) return 'a fault of the server';
    if (answer.headers.get('x-request-id') === null) return 'an answer without a request id';
    const described = answers[String(status)] ?? answers[`${Math.floor(status / 100)}XX`];
    if (described === undefined) return 'a status the document does not name';
    if (status < 300 && !draft.isSound && !JUDGED_BY_ITEM.has(draft.operation.id))
      return 'a success of what the document forbids';
    if (Object.keys(described).length > 0 && !(type in described))
      return `a content type the document does not name (${type})`;
    const schema = described[type];
    if (schema === undefined || type !== 'application/json') return undefined;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return 'an answer that is no JSON';
    }
    if (status < 300) this.#learn(draft, value);
    const validate = this.#validatorOf(this.#bodies, schema);
    if (!validate(value))
      return `an answer the document does not allow (${this.#bodies.errorsText(validate.errors)})`;
    return undefined;
  }

  #addressed({ operation, values }: Draft): { url: string; headers: Record<string, string> } {
    const headers: Record<string, string> = {};
    for (const scheme of operation.security) Object.assign(headers, this.#options.credentials[scheme]);
    const url = new URL(this.#options.url);
    let { path } = operation;
    for (const parameter of operation.parameters) {
      const value = values[parameter.name];
      if (value === undefined) continue;
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      if (parameter.in === 'path')
        path = path.replace(`{${parameter.name}}`, encodeURIComponent(text.toWellFormed()));
      else if (parameter.in === 'query') url.searchParams.append(parameter.name, text);
      else headers[parameter.name] = text.replaceAll(/[^\x20-\x7e]/g, '').trim();
    }
    return { url: `${url.origin}${path}${url.search}`, headers };
  }

  /** A path names something there is, most of the time; the rest of the parameters come now and then. */
  #valuesFor(operation: Operation, { name, in: where, schema, required }: Parameter): fc.Arbitrary<unknown> {
    const known = this.#knownFor(operation, name);
    if (where === 'path') {
      const madeUp = fc.string({ minLength: 1 }).filter((text) => !/^\.{1,2}$/.test(text));
      return fc.oneof({ weight: 8, arbitrary: known }, { weight: 1, arbitrary: madeUp });
    }
    const isFree = schema.type === 'string' && schema.enum === undefined && schema.format === undefined;
    const some = fc.oneof(
      { weight: 4, arbitrary: valuesOf(schema) },
      { weight: 1, arbitrary: nearValuesOf(schema) },
      ...(isFree ? [{ weight: 4, arbitrary: known }] : []),
    );
    return required ? some : fc.option(some, { nil: undefined, freq: 1 });
  }

  #isSound(operation: Operation, values: Record<string, unknown>, body: string | undefined): boolean {
    const areParametersSound = operation.parameters.every(({ name, in: where, schema, required }) => {
      const value = values[name];
      if (value === undefined) return !required;
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return where === 'path' || this.#validatorOf(this.#texts, asObject(schema))({ value: text });
    });
    if (!areParametersSound || operation.body === undefined) return areParametersSound;
    if (body === undefined || body === '') return !operation.isBodyRequired;
    try {
      return this.#validatorOf(this.#bodies, operation.body)(JSON.parse(body));
    } catch {
      return false;
    }
  }

  #validatorOf(compiler: Ajv2020, schema: object): ValidateFunction {
    let validate = this.#validators.get(schema);
    if (!validate) this.#validators.set(schema, (validate = compiler.compile(schema)));
    return validate;
  }

  #learn({ operation: { method, path }, values }: Draft, value: unknown): void {
    if (method !== 'DELETE') return this.#collect(path, value);
    const gone = new Set(Object.values(values));
    for (const [key, known] of this.#known)
      this.#known.set(
        key,
        known.filter((each) => !gone.has(each)),
      );
  }

  /** Remembers what an answer named, to ask for it. */
  #collect(path: string, value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, each] of Object.entries(value as Record<string, unknown>)) {
      if (typeof each !== 'string') this.#collect(path, each);
      else if (each !== '') {
        const key = `${path.replace(/\/\{[^/]+\}$/, '')} ${name}`;
        const known = this.#known.get(key) ?? [];
        this.#known.set(key, [...known, each].slice(-KNOWN_MAX));
      }
    }
  }

  /** Something an answer gave that may stand for the parameter: of its own collection, or of any. */
  #knownFor({ path, method }: Operation, name: string): fc.Arbitrary<string> {
    const names = name === 'id' ? ['_id', 'eventId'] : name === 'cursor' ? ['nextCursor'] : [name, '_id'];
    const own = names.flatMap((each) => this.#known.get(`${collectionOf(path, name)} ${each}`) ?? []);
    const any = [...this.#known]
      .filter(([key]) => names.some((each) => key.endsWith(` ${each}`)))
      .flatMap(([, known]) => known);
    const { keptIds } = this.#options;
    const from = (values: readonly string[]) => {
      const usable = values.filter((value) => method !== 'DELETE' || !keptIds.includes(value));
      return usable.length > 0 ? fc.constantFrom(...usable) : fc.constant('unknown');
    };
    return fc.oneof({ weight: 6, arbitrary: from(own) }, { weight: 1, arbitrary: from(any) });
  }

  #tell({ operation, body }: Draft, url: string, what: string): void {
    const kind = `${operation.id} ${what.slice(0, 60)}`;
    if (this.#kinds.has(kind)) return;
    this.#kinds.add(kind);
    const told = `${operation.method} ${url} ${body ?? ''}`.slice(0, TOLD_CHARS_MAX);
    this.report.violations.push(`${what.slice(0, TOLD_CHARS_MAX)} <- ${operation.id}: ${told}`);
  }
}

/** The path up to this parameter: where the things it names are listed and made. */
function collectionOf(path: string, name: string): string {
  return path.split(`/{${name}}`, 1)[0] ?? path;
}

/** Coercion changes what it validates in an object only. One per schema, so that it is compiled once. */
const objects = new WeakMap<JsonSchema, object>();
function asObject(schema: JsonSchema): object {
  let object = objects.get(schema);
  if (!object) objects.set(schema, (object = { type: 'object', properties: { value: schema } }));
  return object;
}

function asJson(value: unknown): string {
  return JSON.stringify(value);
}

function ajv(options: { coerceTypes: boolean }): Ajv2020 {
  const made = new Ajv2020({ ...options, strict: false, allowUnionTypes: true });
  addFormats.default(made);
  return made;
}

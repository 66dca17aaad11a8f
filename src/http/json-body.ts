import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from '../domain/errors.ts';
import { readJsonObject } from '../domain/json-object.ts';

/** The largest body of a request that is not about an event: 100 event types and a URL take a third of it. */
export const BODY_BYTES_MAX = 64 * 1024;

const CHARSET_FORM = /;\s*charset\s*=\s*"?([^\s;"]*)/i;

/** Bodies of the routes of this scope are JSON objects, checked to be and then parsed. */
export function takeJsonObjects(scope: FastifyInstance): void {
  takeBodies(scope, (bytes) => {
    readJsonObject(bytes);
    return JSON.parse(bytes.toString('utf8')) as unknown;
  });
}

/** Bodies of the routes of this scope reach the handler as bytes: it reads them itself. */
export function takeBytes(scope: FastifyInstance): void {
  takeBodies(scope, (bytes) => bytes);
}

function takeBodies(scope: FastifyInstance, read: (bytes: Buffer) => unknown): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    try {
      checkEncoding(request);
      // Some clients send the header with every request; no body is what it looks like.
      done(null, bytes.length === 0 ? undefined : read(bytes as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

function checkEncoding(request: FastifyRequest): void {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new Refusal('BAD_REQUEST', 'Compressed bodies are not taken; send it without Content-Encoding.');
  }
  const type = request.headers['content-type'];
  if (type === 'application/json' || type === undefined) return;
  const charset = CHARSET_FORM.exec(type)?.[1];
  if (charset !== undefined && charset.toLowerCase() !== 'utf-8' && charset.toLowerCase() !== 'utf8') {
    throw new Refusal('BAD_REQUEST', 'Send the body in UTF-8: application/json; charset=utf-8.');
  }
}

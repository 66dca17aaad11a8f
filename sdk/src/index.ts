export { Velahook } from './client.ts';
export type { Answer, CallOptions, ClientOptions, Method, PathsOf, Query } from './client.ts';
export { VelahookError } from './error.ts';
export type { Mistake } from './error.ts';
export { openStream } from './stream.ts';
export type { StreamMessage, StreamOptions } from './stream.ts';

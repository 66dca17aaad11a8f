import type { Duplex } from 'node:stream';
import { ResponseTooLong } from './failure.ts';

/**
 * The most bytes read of one response, interim ones, framing and all: a head and a body within their own bounds
 * of 16 KiB fit in it several times, and endless interim responses, reason phrases or chunk extensions do not.
 */
const RESPONSE_BYTES_MAX = 128 * 1024;

const STATUS_LINE = Buffer.from('HTTP/1.1 1');
const MINOR_VERSION_AT = 7;
/** Up to the end of the status code. */
const PREFIX_BYTES = 12;
const CR = 0x0d;
const LF = 0x0a;
const NOTHING = Buffer.alloc(0);

/**
 * Stands between a socket and undici, which takes an unsolicited `100 Continue` for a broken response and cuts
 * the connection. RFC 9110 §15.2 has a client skip interim responses it did not expect, so all of them but 101 are
 * taken out of the stream here, before any parser; a final response passes without a copy. It also counts: a
 * response of too many bytes destroys the socket with {@link ResponseTooLong}.
 */
export class ResponseGate {
  readonly #socket: Duplex;
  readonly #read: (size?: number) => Buffer | null;
  /** `open`: bytes pass. `watching`: a head begins. `dropping`: inside an interim head. */
  #state: 'open' | 'watching' | 'dropping' = 'open';
  readonly #prefix = Buffer.alloc(PREFIX_BYTES);
  #prefixBytes = 0;
  /** Whether the line of the interim head that is being dropped is empty so far. */
  #lineIsEmpty = false;
  #bytes = 0;

  constructor(socket: Duplex) {
    this.#socket = socket;
    this.#read = socket.read.bind(socket) as (size?: number) => Buffer | null;
    socket.read = (size) => this.#next(size);
  }

  /** To be called when a request is written: the next bytes are the head of its response. */
  expectResponse(): void {
    this.#state = 'watching';
    this.#prefixBytes = 0;
    this.#bytes = 0;
  }

  #next(size?: number): Buffer | null {
    for (let chunk = this.#read(size); chunk !== null; chunk = this.#read(size)) {
      this.#bytes += chunk.length;
      if (this.#bytes > RESPONSE_BYTES_MAX) {
        this.#socket.destroy(new ResponseTooLong());
        return null;
      }
      const kept = this.#state === 'open' ? chunk : this.#filter(chunk);
      if (kept.length > 0) return kept;
    }
    return null;
  }

  #filter(chunk: Buffer): Buffer {
    const heldBefore = this.#prefixBytes;
    let headAt = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (this.#state === 'dropping') {
        if (this.#isHeadEnd(byte)) {
          this.#state = 'watching';
          headAt = at + 1;
        }
        continue;
      }
      const isInterim = this.#isInterimSoFar(byte);
      this.#prefix[this.#prefixBytes] = byte;
      if (!isInterim) {
        this.#state = 'open';
        if (headAt > 0 || heldBefore === 0) return chunk.subarray(headAt);
        return Buffer.concat([this.#prefix.subarray(0, heldBefore), chunk]);
      }
      if (++this.#prefixBytes === PREFIX_BYTES) {
        this.#state = 'dropping';
        this.#lineIsEmpty = false;
        this.#prefixBytes = 0;
      }
    }
    return NOTHING;
  }

  /** Whether the head can still be that of an interim response other than 101, with this as its next byte. */
  #isInterimSoFar(byte: number): boolean {
    const at = this.#prefixBytes;
    const isDigit = byte >= 0x30 && byte <= 0x39;
    if (at === MINOR_VERSION_AT || at === STATUS_LINE.length) return isDigit;
    if (at < STATUS_LINE.length) return byte === STATUS_LINE[at];
    const isSwitching = this.#prefix[at - 1] === 0x30 && byte === 0x31;
    return isDigit && !isSwitching;
  }

  #isHeadEnd(byte: number): boolean {
    if (byte === LF) {
      if (this.#lineIsEmpty) return true;
      this.#lineIsEmpty = true;
    } else if (byte !== CR) {
      this.#lineIsEmpty = false;
    }
    return false;
  }
}

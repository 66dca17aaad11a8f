import { createSocket } from 'node:dgram';
import { AUTHORITATIVE_ANSWER, type Answer, decode, encode } from 'dns-packet';

/** Only these matter to a webhook; everything else is answered as having no such record. */
type DnsType = 'A' | 'AAAA';

/** What the server says to one question. A bare list is addresses of the asked type. */
export type DnsAnswer =
  | string[]
  | { records: Answer[] }
  | { cname: string; addresses: string[] }
  | 'nxdomain'
  | 'servfail'
  | 'refused'
  | 'silence';

/** Answers the `nth` question (1, 2, 3, …) for this name and type. */
export type DnsZone = (name: string, type: DnsType, nth: number) => DnsAnswer | undefined;

export interface DnsServer {
  /** `127.0.0.1:port`, as the setting of DNS servers takes it. */
  readonly address: string;
  /** `name type` of every question, in order of arrival. */
  readonly questions: readonly string[];
  close(): Promise<void>;
}

const RESPONSE_CODES = { nxdomain: 3, servfail: 2, refused: 5 } as const;
/** Long enough that whoever caches answers is found out. */
const TTL_S = 3600;

/**
 * A DNS server on loopback whose every answer the test decides; undefined means no such name. A dead one answers
 * nothing, not even the question whether it lives.
 */
export async function startDnsServer(zone: DnsZone, options: { isDead?: boolean } = {}): Promise<DnsServer> {
  const questions: string[] = [];
  const counts = new Map<string, number>();
  const socket = createSocket('udp4');
  socket.on('message', (message, from) => {
    if (options.isDead === true) return;
    const query = decode(message);
    const question = query.questions?.[0];
    if (question === undefined) return;
    const name = question.name.toLowerCase();
    const key = `${name} ${question.type}`;
    const nth = (counts.get(key) ?? 0) + 1;
    counts.set(key, nth);
    questions.push(key);
    const answer = isAddressType(question.type) ? (zone(name, question.type, nth) ?? 'nxdomain') : 'refused';
    if (answer === 'silence') return;
    const code = typeof answer === 'string' ? RESPONSE_CODES[answer] : 0;
    const packet = encode({
      type: 'response',
      ...(query.id === undefined ? {} : { id: query.id }),
      flags: AUTHORITATIVE_ANSWER | code,
      questions: [question],
      answers: typeof answer === 'string' ? [] : records(name, question.type as DnsType, answer),
    });
    socket.send(packet, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    questions,
    close: () => new Promise((resolve) => void socket.close(() => resolve())),
  };
}

function isAddressType(type: string): type is DnsType {
  return type === 'A' || type === 'AAAA';
}

function records(name: string, type: DnsType, answer: Exclude<DnsAnswer, string>): Answer[] {
  if ('records' in answer) return answer.records;
  const { cname: alias, addresses } = Array.isArray(answer)
    ? { cname: undefined, addresses: answer }
    : answer;
  const owner = alias ?? name;
  // An address of the other family is left out, so that a zone can answer both questions with one list.
  const fitting = addresses.filter((address) => address.includes(':') === (type === 'AAAA'));
  return [
    ...(alias === undefined ? [] : [{ type: 'CNAME' as const, name, ttl: TTL_S, data: alias }]),
    ...fitting.map((data) => ({ type, name: owner, ttl: TTL_S, data })),
  ];
}

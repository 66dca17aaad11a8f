/** An answer of the API as it came. */
export interface ApiAnswer {
  status: number;
  headers: Headers;
  /** The parsed body; `text` is what was parsed. */
  body: {
    success?: boolean;
    data?: Record<string, unknown>;
    error?: { code: string; message: string; details?: { errors: { path: string; message: string }[] } };
  };
  text: string;
}

export interface ApiAccess {
  url: string;
  workspaceId: string;
  token: string;
}

/** Calls the API of a running server as a customer would. */
export class ApiClient {
  readonly access: ApiAccess;

  constructor(access: ApiAccess) {
    this.access = access;
  }

  /** `body`: a string is sent as it is, anything else as JSON. Paths are below `/api/v1`. */
  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<ApiAnswer> {
    const response = await fetch(`${this.access.url}/api/v1${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${this.access.token}`,
        'x-workspace-id': this.access.workspaceId,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await textOf(response);
    return { status: response.status, headers: response.headers, body: JSON.parse(text), text };
  }

  /** The `data` of a successful answer; throws what the API says is wrong. */
  async ok<T>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<T> {
    const answer = await this.call(method, path, body, headers);
    if (answer.body.success !== true) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body.data as T;
  }

  async subscribe(fields: Record<string, unknown>): Promise<SubscriptionAnswer> {
    const { subscription } = await this.ok<{ subscription: SubscriptionAnswer }>(
      'POST',
      '/integrations/webhooks',
      fields,
    );
    return subscription;
  }

  async publish(eventType: string, data: unknown, more: Record<string, unknown> = {}): Promise<EventAnswer> {
    const { event } = await this.ok<{ event: EventAnswer }>('POST', '/events', { eventType, data, ...more });
    return event;
  }

  /** So many events of one type, a hundred per call; their data is `{"n": 0}`, `{"n": 1}`, …. */
  async publishMany(eventType: string, count: number): Promise<void> {
    const events = Array.from({ length: count }, (_, n) => ({ eventType, data: { n } }));
    for (let i = 0; i < count; i += 100)
      await this.ok('POST', '/events/batch', { events: events.slice(i, i + 100) });
  }

  async delivery(id: string): Promise<DeliveryDetailAnswer> {
    return (await this.ok<{ delivery: DeliveryDetailAnswer }>('GET', `/deliveries/${id}`)).delivery;
  }

  /** All deliveries that the query selects, over all pages, newest first. */
  async deliveries(query = ''): Promise<DeliveryAnswer[]> {
    const all: DeliveryAnswer[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: { items: DeliveryAnswer[]; pagination: { nextCursor: string | null } } = await this.ok(
        'GET',
        `/deliveries?limit=100${query && `&${query}`}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      all.push(...page.items);
      cursor = page.pagination.nextCursor;
    }
    return all;
  }
}

/** A stream has no end: that it was opened is the answer. */
async function textOf(response: Response): Promise<string> {
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) return response.text();
  await response.body?.cancel();
  return '{"success":true}';
}

export interface SubscriptionAnswer {
  _id: string;
  url: string;
  status: string;
  active: boolean;
  secret?: string;
  deactivationReason: string | null;
  warnings: string[];
}

export interface EventAnswer {
  eventId: string;
  eventType: string;
  timestamp: string;
  deliveries: number;
  duplicate: boolean;
}

export interface DeliveryAnswer {
  _id: string;
  subscriptionId: string;
  eventId: string;
  state: string;
  failureReason: string | null;
  attemptCount: number;
}

export interface AttemptAnswer {
  _id: string;
  number: number;
  startedAt: string;
  outcome: string;
  statusCode: number | null;
}

/** One delivery alone comes with its attempts. */
export interface DeliveryDetailAnswer extends DeliveryAnswer {
  attempts: AttemptAnswer[];
}

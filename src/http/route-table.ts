import type { FastifyInstance } from 'fastify';

/** Knows which methods a path has, for the difference between a 404 and a 405. */
export class RouteTable {
  readonly #methods = new Map<string, Set<string>>();
  readonly #forms = new Map<string, RegExp>();

  /** Watches what is added to the server from now on. */
  constructor(server: FastifyInstance) {
    server.addHook('onRoute', (route) => {
      const methods = this.#methods.get(route.url) ?? new Set();
      for (const method of [route.method].flat()) methods.add(method);
      this.#methods.set(route.url, methods);
      const form = route.url
        .replaceAll(/[$()+.?[\\\]^{|}]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll(/:[^/]+/g, '[^/]+');
      this.#forms.set(route.url, new RegExp(`^${form}$`));
    });
  }

  /** The methods of the path (without its query); empty when there is no such path. */
  methodsOf(path: string): string[] {
    return [...(this.#methods.get(path) ?? this.#methods.get(this.#formOf(path)) ?? [])];
  }

  /** For a path that is itself no route: a word of ours is no id. */
  #formOf(path: string): string {
    return [...this.#forms].find(([, form]) => form.test(path))?.[0] ?? '';
  }
}

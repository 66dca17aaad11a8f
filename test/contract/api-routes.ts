/** A route of the API as the server describes it. */
export interface ApiRoute {
  /** `PATCH /integrations/webhooks/{id}`: below `/api/v1`. */
  name: string;
  method: string;
  path: string;
  /** Behind the admin token: it names no workspace. */
  isAdmins: boolean;
  /** Its credentials are in its body or its cookie: it needs no token. */
  isOpen: boolean;
}

/** Every route there is: a new one is in what is generated from this by being there. */
export async function listApiRoutes(url: string): Promise<ApiRoute[]> {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { security?: object[] }>>;
  };
  return Object.entries(document.paths)
    .filter(([path]) => path.startsWith('/api/v1/'))
    .flatMap(([fullPath, methods]) =>
      Object.entries(methods).map(([name, { security }]) => {
        const method = name.toUpperCase();
        const path = fullPath.slice('/api/v1'.length);
        return {
          name: `${method} ${path}`,
          method,
          path,
          isAdmins: security?.some((s) => 'admin' in s) === true,
          isOpen: security?.every((s) => 'session' in s) === true,
        };
      }),
    );
}

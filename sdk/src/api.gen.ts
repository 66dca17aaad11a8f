// Made by `npm run generate` from the OpenAPI document; not to be edited.

export interface paths {
  '/healthz': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Whether the process lives */
    get: operations['getHealth'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/readyz': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Whether the store takes writes */
    get: operations['getReadiness'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/integrations/webhooks': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List subscriptions */
    get: operations['listSubscriptions'];
    put?: never;
    /** Create a subscription */
    post: operations['createSubscription'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/integrations/webhooks/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Get a subscription */
    get: operations['getSubscription'];
    put?: never;
    post?: never;
    /** Delete a subscription */
    delete: operations['deleteSubscription'];
    options?: never;
    head?: never;
    /** Change a subscription */
    patch: operations['changeSubscription'];
    trace?: never;
  };
  '/api/v1/integrations/webhooks/{id}/secret/rotate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Give a subscription a new signing secret; the old one signs too until the overlap ends */
    post: operations['rotateSecret'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/integrations/webhooks/{id}/secret/rotate/finish': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** End the overlap now: only the new secret signs */
    post: operations['finishSecretRotation'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/integrations/webhooks/{id}/secret': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Show the signing secret in clear; written into the audit log */
    get: operations['revealSecret'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/integrations/webhooks/check-url': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Say what is wrong with a URL, as creating a subscription would */
    post: operations['checkUrl'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/integrations/webhooks/filter-test': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Try a filter on recent events */
    post: operations['testFilter'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/stats': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** How the workspace fares: published, delivered, failing over time, latency, backlog */
    get: operations['getStatistics'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/integrations/webhooks/{id}/stats': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** How a subscription fares: success rate, latency, outcomes, backlog */
    get: operations['getSubscriptionStatistics'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/integrations/webhooks/{id}/missed': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** How many deliveries a replay since then would take */
    get: operations['countMissed'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List events */
    get: operations['listEvents'];
    put?: never;
    /** Publish an event */
    post: operations['publishEvent'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/events/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Get an event, with its deliveries */
    get: operations['getEvent'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/deliveries': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List deliveries */
    get: operations['listDeliveries'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/deliveries/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Get a delivery, with its attempts */
    get: operations['getDelivery'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/integrations/webhooks/{id}/deliveries': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List a subscription's deliveries */
    get: operations['listSubscriptionDeliveries'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/events/{id}/replay': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Deliver a stored event again, to all or some of its subscriptions */
    post: operations['replayEvent'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/deliveries/{id}/replay': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Make a delivery again now */
    post: operations['replayDelivery'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/deliveries/{id}/cancel': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Stop a pending delivery */
    post: operations['cancelDelivery'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/integrations/webhooks/{id}/replay': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Deliver again what a subscription missed, as a job */
    post: operations['startReplay'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/replays': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Jobs that deliver again, newest first */
    get: operations['listReplays'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/replays/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** How far a job is */
    get: operations['getReplay'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/replays/{id}/cancel': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Stop a job, and what it made that still waits */
    post: operations['cancelReplay'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/erasures': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Jobs that erase payloads, newest first */
    get: operations['listErasures'];
    put?: never;
    /** Erase the payloads that mention a subject, as a job */
    post: operations['startErasure'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/erasures/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** How far an erasure is */
    get: operations['getErasure'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/erasures/{id}/cancel': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Stop an erasure; what it has erased stays so */
    post: operations['cancelErasure'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/event-types': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List event types */
    get: operations['listEventTypes'];
    put?: never;
    /**
     * Create an event type
     * @description A type of the workspace itself. The names of built-in types, and `webhook.*`, are taken.
     */
    post: operations['createEventType'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/event-types/settings': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Get what holds for all event types */
    get: operations['getCatalogueSettings'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /**
     * Change what holds for all event types
     * @description `validation` holds for every event type that has none of its own.
     */
    patch: operations['changeCatalogueSettings'];
    trace?: never;
  };
  '/api/v1/event-types/{name}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Get an event type */
    get: operations['getEventType'];
    put?: never;
    post?: never;
    /**
     * Delete an event type
     * @description Of the workspace itself. Subscriptions that name it stay as they are.
     */
    delete: operations['deleteEventType'];
    options?: never;
    head?: never;
    /**
     * Change an event type
     * @description Any given field; the rest stays, and null takes away. Of a built-in type only `validation` can be set.
     */
    patch: operations['changeEventType'];
    trace?: never;
  };
  '/api/v1/event-types/import': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Import event types from OpenAPI
     * @description Takes the `webhooks` of a document: what is missing is created, what differs is changed, what the document does not name stays. References are followed within the document; nothing is fetched.
     */
    post: operations['importEventTypes'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/event-types/export': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Export the catalogue as OpenAPI
     * @description The document itself, with an event type in each of its `webhooks`: for generators of types and documentation, and to be imported elsewhere.
     */
    get: operations['exportEventTypes'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/workspace/settings': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Get the settings of the workspace */
    get: operations['getWorkspaceSettings'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /** Change the settings of the workspace */
    patch: operations['changeWorkspaceSettings'];
    trace?: never;
  };
  '/api/v1/audit': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Who changed what, when and from where */
    get: operations['listAudit'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/portal/links': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Make a link that shows the workspace to one of its people */
    post: operations['createPortalLink'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/stream': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Watch what happens, as it happens */
    get: operations['openStream'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/integrations/webhooks/{id}/test': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Send a test event to a subscription */
    post: operations['testSubscription'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/events/batch': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Publish many events */
    post: operations['publishEvents'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/workspaces': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List workspaces */
    get: operations['listWorkspaces'];
    put?: never;
    /** Make a workspace */
    post: operations['createWorkspace'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/workspaces/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** One workspace */
    get: operations['getWorkspace'];
    put?: never;
    post?: never;
    /** Delete a workspace, with its tokens and subscriptions */
    delete: operations['deleteWorkspace'];
    options?: never;
    head?: never;
    /** Rename a workspace */
    patch: operations['changeWorkspace'];
    trace?: never;
  };
  '/api/v1/tokens': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the tokens of a workspace, revoked ones too */
    get: operations['listTokens'];
    put?: never;
    /** Make a token of a workspace */
    post: operations['createToken'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/tokens/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** One token */
    get: operations['getToken'];
    put?: never;
    post?: never;
    /** Revoke a token */
    delete: operations['revokeToken'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/admin/audit': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Who changed what in all workspaces, deleted ones too, and in the installation */
    get: operations['listAllAudit'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/session': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Who is signed in */
    get: operations['getSession'];
    put?: never;
    /** Sign in with a token */
    post: operations['startSession'];
    /** Sign out */
    delete: operations['endSession'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/portal/exchange': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Exchange a link's code for what the portal calls the API with */
    post: operations['exchangePortalCode'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: never;
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  getHealth: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The process lives */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              /** @enum {string} */
              status: 'alive';
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  getReadiness: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The store takes writes */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              /** @enum {string} */
              status: 'ready';
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  listSubscriptions: {
    parameters: {
      query: {
        page: number;
        limit: number;
        sortOrder: 'asc' | 'desc';
        /** @description Part of the URL or description */
        search?: string;
        sortBy: 'createdAt' | 'updatedAt' | 'url';
        active?: boolean;
        /** @description An entry of events, as it stands there */
        eventType?: string;
        url?: string;
        /** @description Tell of each how it fares as well */
        include?: 'health';
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              items: {
                _id: string;
                workspaceId: string;
                url: string;
                events: string[];
                active: boolean;
                /** @enum {string} */
                status: 'active' | 'inactive' | 'deactivated';
                description: string | null;
                timeoutMs: number;
                /** @description Attempts per second at most */
                rateLimit: number | null;
                ordered: boolean;
                /** @description A secret was given; otherwise a generated one signs */
                hasSecret: boolean;
                /** @description Its last characters */
                secretHint: string;
                /**
                 * Format: date-time
                 * @description Until then the old secret signs too
                 */
                rotationEndsAt: string | null;
                ed25519: boolean;
                /** @description Verifies v1a signatures: whpk_ and base64 */
                publicKey: string | null;
                /** @description The one from before a rotation that runs */
                previousPublicKey: string | null;
                /** @description Names, and a mask for each value */
                headers: {
                  [key: string]: string;
                };
                /** @description Conditions on data; an event that does not match makes no delivery */
                filter: {
                  [key: string]: unknown;
                } | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                updatedAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                deactivatedAt: string | null;
                /** @enum {string|null} */
                deactivationReason: 'gone' | 'failing' | null;
                warnings: string[];
                /** @description With include=health */
                health?: {
                  /** @description Of deliveries that ended in the last 24 hours; null where none did */
                  successRate: number | null;
                  /** @description The same 24 hours, hour by hour */
                  series: {
                    /**
                     * Format: date-time
                     * @example 2026-03-24T14:30:00.000Z
                     */
                    at: string;
                    succeeded: number;
                    failed: number;
                  }[];
                  backlog: {
                    /** @description At most 100 are counted */
                    pending: number;
                    isMore: boolean;
                  };
                };
              }[];
              pagination: {
                page: number;
                limit: number;
                total: number;
                totalPages: number;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  createSubscription: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /**
           * @description Where to deliver: https, a public host
           * @example https://hooks.example.com/velahook
           */
          url: string;
          /** @description Event types, or patterns: *, crm.*, crm.lead.* */
          events: string[];
          /** @description The signing secret; without one a key is generated and shown once */
          secret?: string;
          /** @default true */
          active?: boolean;
          description?: string | null;
          /** @default 10000 */
          timeoutMs?: number;
          /** @description Attempts per second at most; null: as many as the receiver takes */
          rateLimit?: number | null;
          /**
           * @description One at a time in the order of publishing, of each orderingKey, or of all events that have none
           * @default false
           */
          ordered?: boolean;
          /**
           * @description Sign by v1a as well; publicKey verifies it
           * @default false
           */
          ed25519?: boolean;
          /** @description Extra headers of every request. Shown masked; a masked value that is stored stays */
          headers?: {
            [key: string]: string;
          } | null;
          /** @description Conditions on data; an event that does not match makes no delivery */
          filter?: {
            [key: string]: unknown;
          } | null;
        };
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              subscription: {
                _id: string;
                workspaceId: string;
                url: string;
                events: string[];
                active: boolean;
                /** @enum {string} */
                status: 'active' | 'inactive' | 'deactivated';
                description: string | null;
                timeoutMs: number;
                /** @description Attempts per second at most */
                rateLimit: number | null;
                ordered: boolean;
                /** @description A secret was given; otherwise a generated one signs */
                hasSecret: boolean;
                /** @description Its last characters */
                secretHint: string;
                /**
                 * Format: date-time
                 * @description Until then the old secret signs too
                 */
                rotationEndsAt: string | null;
                ed25519: boolean;
                /** @description Verifies v1a signatures: whpk_ and base64 */
                publicKey: string | null;
                /** @description The one from before a rotation that runs */
                previousPublicKey: string | null;
                /** @description Names, and a mask for each value */
                headers: {
                  [key: string]: string;
                };
                /** @description Conditions on data; an event that does not match makes no delivery */
                filter: {
                  [key: string]: unknown;
                } | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                updatedAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                deactivatedAt: string | null;
                /** @enum {string|null} */
                deactivationReason: 'gone' | 'failing' | null;
                warnings: string[];
                /** @description The generated key: shown in this answer only */
                secret?: string;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  getSubscription: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id, as an answer gave it */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              subscription: {
                _id: string;
                workspaceId: string;
                url: string;
                events: string[];
                active: boolean;
                /** @enum {string} */
                status: 'active' | 'inactive' | 'deactivated';
                description: string | null;
                timeoutMs: number;
                /** @description Attempts per second at most */
                rateLimit: number | null;
                ordered: boolean;
                /** @description A secret was given; otherwise a generated one signs */
                hasSecret: boolean;
                /** @description Its last characters */
                secretHint: string;
                /**
                 * Format: date-time
                 * @description Until then the old secret signs too
                 */
                rotationEndsAt: string | null;
                ed25519: boolean;
                /** @description Verifies v1a signatures: whpk_ and base64 */
                publicKey: string | null;
                /** @description The one from before a rotation that runs */
                previousPublicKey: string | null;
                /** @description Names, and a mask for each value */
                headers: {
                  [key: string]: string;
                };
                /** @description Conditions on data; an event that does not match makes no delivery */
                filter: {
                  [key: string]: unknown;
                } | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                updatedAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                deactivatedAt: string | null;
                /** @enum {string|null} */
                deactivationReason: 'gone' | 'failing' | null;
                warnings: string[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  deleteSubscription: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id, as an answer gave it */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Deleted */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              /** @enum {boolean} */
              deleted: true;
              _id: string;
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  changeSubscription: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id, as an answer gave it */
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /**
           * @description Where to deliver: https, a public host
           * @example https://hooks.example.com/velahook
           */
          url?: string;
          /** @description Event types, or patterns: *, crm.*, crm.lead.* */
          events?: string[];
          /** @description The signing secret; without one a key is generated and shown once */
          secret?: string;
          /** @default true */
          active?: boolean;
          description?: string | null;
          /** @default 10000 */
          timeoutMs?: number;
          /** @description Attempts per second at most; null: as many as the receiver takes */
          rateLimit?: number | null;
          /**
           * @description One at a time in the order of publishing, of each orderingKey, or of all events that have none
           * @default false
           */
          ordered?: boolean;
          /**
           * @description Sign by v1a as well; publicKey verifies it
           * @default false
           */
          ed25519?: boolean;
          /** @description Extra headers of every request. Shown masked; a masked value that is stored stays */
          headers?: {
            [key: string]: string;
          } | null;
          /** @description Conditions on data; an event that does not match makes no delivery */
          filter?: {
            [key: string]: unknown;
          } | null;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              subscription: {
                _id: string;
                workspaceId: string;
                url: string;
                events: string[];
                active: boolean;
                /** @enum {string} */
                status: 'active' | 'inactive' | 'deactivated';
                description: string | null;
                timeoutMs: number;
                /** @description Attempts per second at most */
                rateLimit: number | null;
                ordered: boolean;
                /** @description A secret was given; otherwise a generated one signs */
                hasSecret: boolean;
                /** @description Its last characters */
                secretHint: string;
                /**
                 * Format: date-time
                 * @description Until then the old secret signs too
                 */
                rotationEndsAt: string | null;
                ed25519: boolean;
                /** @description Verifies v1a signatures: whpk_ and base64 */
                publicKey: string | null;
                /** @description The one from before a rotation that runs */
                previousPublicKey: string | null;
                /** @description Names, and a mask for each value */
                headers: {
                  [key: string]: string;
                };
                /** @description Conditions on data; an event that does not match makes no delivery */
                filter: {
                  [key: string]: unknown;
                } | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                updatedAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                deactivatedAt: string | null;
                /** @enum {string|null} */
                deactivationReason: 'gone' | 'failing' | null;
                warnings: string[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  rotateSecret: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id, as an answer gave it */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': {
          /** @description The signing secret; without one a key is generated and shown once */
          secret?: string;
          /**
           * @description How long the old secret signs beside the new one
           * @default 24
           */
          overlapHours?: number;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              subscription: {
                _id: string;
                workspaceId: string;
                url: string;
                events: string[];
                active: boolean;
                /** @enum {string} */
                status: 'active' | 'inactive' | 'deactivated';
                description: string | null;
                timeoutMs: number;
                /** @description Attempts per second at most */
                rateLimit: number | null;
                ordered: boolean;
                /** @description A secret was given; otherwise a generated one signs */
                hasSecret: boolean;
                /** @description Its last characters */
                secretHint: string;
                /**
                 * Format: date-time
                 * @description Until then the old secret signs too
                 */
                rotationEndsAt: string | null;
                ed25519: boolean;
                /** @description Verifies v1a signatures: whpk_ and base64 */
                publicKey: string | null;
                /** @description The one from before a rotation that runs */
                previousPublicKey: string | null;
                /** @description Names, and a mask for each value */
                headers: {
                  [key: string]: string;
                };
                /** @description Conditions on data; an event that does not match makes no delivery */
                filter: {
                  [key: string]: unknown;
                } | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                updatedAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                deactivatedAt: string | null;
                /** @enum {string|null} */
                deactivationReason: 'gone' | 'failing' | null;
                warnings: string[];
                /** @description The generated secret */
                secret?: string;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  finishSecretRotation: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id, as an answer gave it */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              subscription: {
                _id: string;
                workspaceId: string;
                url: string;
                events: string[];
                active: boolean;
                /** @enum {string} */
                status: 'active' | 'inactive' | 'deactivated';
                description: string | null;
                timeoutMs: number;
                /** @description Attempts per second at most */
                rateLimit: number | null;
                ordered: boolean;
                /** @description A secret was given; otherwise a generated one signs */
                hasSecret: boolean;
                /** @description Its last characters */
                secretHint: string;
                /**
                 * Format: date-time
                 * @description Until then the old secret signs too
                 */
                rotationEndsAt: string | null;
                ed25519: boolean;
                /** @description Verifies v1a signatures: whpk_ and base64 */
                publicKey: string | null;
                /** @description The one from before a rotation that runs */
                previousPublicKey: string | null;
                /** @description Names, and a mask for each value */
                headers: {
                  [key: string]: string;
                };
                /** @description Conditions on data; an event that does not match makes no delivery */
                filter: {
                  [key: string]: unknown;
                } | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                updatedAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                deactivatedAt: string | null;
                /** @enum {string|null} */
                deactivationReason: 'gone' | 'failing' | null;
                warnings: string[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  revealSecret: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id, as an answer gave it */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              secret: string;
              /** @description Signs as well, until the rotation ends */
              previousSecret: string | null;
              /**
               * Format: date-time
               * @example 2026-03-24T14:30:00.000Z
               */
              rotationEndsAt: string | null;
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  checkUrl: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @example https://example.com/hook */
          url: string;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              /** @description None: it may be subscribed */
              problems: {
                message: string;
              }[];
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  testFilter: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          filter: {
            [key: string]: unknown;
          };
          /** @description Event types and patterns, as in a subscription; without them, all events */
          events?: string[];
          /** @default 20 */
          limit?: number;
        };
      };
    };
    responses: {
      /** @description Newest first */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              matched: number;
              items: {
                eventId: string;
                eventType: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                matches: boolean;
                /** @description The conditions it does not meet */
                unmet: {
                  path: string;
                  message: string;
                }[];
              }[];
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  getStatistics: {
    parameters: {
      query: {
        window: '1h' | '24h' | '7d';
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              stats: {
                /** @enum {string} */
                window: '1h' | '24h' | '7d';
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                since: string;
                totals: {
                  /** @description Events that were stored, duplicates and test events left out */
                  published: number;
                  /** @description Deliveries that ended well */
                  succeeded: number;
                  /** @description Deliveries that failed for good */
                  failed: number;
                  /** @description Of those that ended; null where none did */
                  successRate: number | null;
                  /** @description By outcome */
                  attempts: {
                    success: number;
                    http_status: number;
                    timeout: number;
                    dns: number;
                    connect: number;
                    tls: number;
                    protocol: number;
                    blocked_address: number;
                  };
                  /** @description Of attempts that were answered, from their start; estimated from a histogram */
                  latencyMs: {
                    p50: number | null;
                    p95: number | null;
                  };
                };
                /** @description One for each span, in their order: five minutes of 1h, an hour of the others */
                series: {
                  /**
                   * Format: date-time
                   * @example 2026-03-24T14:30:00.000Z
                   */
                  at: string;
                  /** @description Events that were stored, duplicates and test events left out */
                  published: number;
                  /** @description Deliveries that ended well */
                  succeeded: number;
                  /** @description Deliveries that failed for good */
                  failed: number;
                  /** @description Attempts that did not succeed, retried or not */
                  failedAttempts: number;
                  /** @description Of attempts that were answered, from their start; estimated from a histogram */
                  latencyMs: {
                    p50: number | null;
                    p95: number | null;
                  };
                }[];
                backlog: {
                  /** @description At most 10000 are counted */
                  pending: number;
                  isMore: boolean;
                  /**
                   * Format: date-time
                   * @example 2026-03-24T14:30:00.000Z
                   */
                  oldestDueAt: string | null;
                };
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  getSubscriptionStatistics: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id, as an answer gave it */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              stats: {
                windows: {
                  '1h': {
                    /**
                     * Format: date-time
                     * @example 2026-03-24T14:30:00.000Z
                     */
                    since: string;
                    /** @description Deliveries that ended well */
                    succeeded: number;
                    /** @description Deliveries that failed for good */
                    failed: number;
                    /** @description Of those that ended; null where none did */
                    successRate: number | null;
                    /** @description By outcome */
                    attempts: {
                      success: number;
                      http_status: number;
                      timeout: number;
                      dns: number;
                      connect: number;
                      tls: number;
                      protocol: number;
                      blocked_address: number;
                    };
                    /** @description Of attempts that were answered, from their start; estimated from a histogram */
                    latencyMs: {
                      p50: number | null;
                      p95: number | null;
                    };
                  };
                  '24h': {
                    /**
                     * Format: date-time
                     * @example 2026-03-24T14:30:00.000Z
                     */
                    since: string;
                    /** @description Deliveries that ended well */
                    succeeded: number;
                    /** @description Deliveries that failed for good */
                    failed: number;
                    /** @description Of those that ended; null where none did */
                    successRate: number | null;
                    /** @description By outcome */
                    attempts: {
                      success: number;
                      http_status: number;
                      timeout: number;
                      dns: number;
                      connect: number;
                      tls: number;
                      protocol: number;
                      blocked_address: number;
                    };
                    /** @description Of attempts that were answered, from their start; estimated from a histogram */
                    latencyMs: {
                      p50: number | null;
                      p95: number | null;
                    };
                  };
                  '7d': {
                    /**
                     * Format: date-time
                     * @example 2026-03-24T14:30:00.000Z
                     */
                    since: string;
                    /** @description Deliveries that ended well */
                    succeeded: number;
                    /** @description Deliveries that failed for good */
                    failed: number;
                    /** @description Of those that ended; null where none did */
                    successRate: number | null;
                    /** @description By outcome */
                    attempts: {
                      success: number;
                      http_status: number;
                      timeout: number;
                      dns: number;
                      connect: number;
                      tls: number;
                      protocol: number;
                      blocked_address: number;
                    };
                    /** @description Of attempts that were answered, from their start; estimated from a histogram */
                    latencyMs: {
                      p50: number | null;
                      p95: number | null;
                    };
                  };
                };
                backlog: {
                  /** @description At most 10000 are counted */
                  pending: number;
                  isMore: boolean;
                  /**
                   * Format: date-time
                   * @example 2026-03-24T14:30:00.000Z
                   */
                  oldestDueAt: string | null;
                };
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  countMissed: {
    parameters: {
      query?: {
        /** @description First delivered at or after; default: a day ago, or, where it is not active, a day before it began to fail or, if nothing had failed, was switched off */
        since?: string;
      };
      header?: never;
      path: {
        /** @description The id, as an answer gave it */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              missed: {
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                since: string;
                /** @description At most 10000 are counted */
                count: number;
                /** @description Not all has been counted: there may be more */
                isMore: boolean;
                states: {
                  /** @description Waiting for a retry */
                  pending: number;
                  failed: number;
                  cancelled: number;
                  skipped: number;
                };
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  listEvents: {
    parameters: {
      query: {
        cursor?: string;
        limit: number;
        /** @description Created at or after */
        since?: string;
        /** @description Created before */
        until?: string;
        eventType?: string;
        /** @description With at least one delivery in this state; pending includes delivering */
        state?: 'pending' | 'succeeded' | 'failed' | 'cancelled' | 'skipped';
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              items: {
                eventId: string;
                eventType: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                timestamp: string;
                workspaceId: string;
                orderingKey: string | null;
                /** @enum {string} */
                origin: 'published' | 'test' | 'operational';
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                dataBytes: number;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                erasedAt: string | null;
                deliveryCount: number;
                states: {
                  pending: number;
                  succeeded: number;
                  failed: number;
                  cancelled: number;
                  skipped: number;
                };
                /** @description Whom filters kept it from: how many, and the first of them */
                filteredOut: {
                  count: number;
                  subscriptionIds: string[];
                };
                /** @description What became of it, in a sentence */
                summary: string;
              }[];
              pagination: {
                limit: number;
                nextCursor: string | null;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  publishEvent: {
    parameters: {
      query?: never;
      header?: {
        /** @description Printable ASCII; publishing with it again makes no second event */
        'Idempotency-Key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @example crm.lead.created */
          eventType: string;
          /** @description A JSON object; kept byte for byte */
          data: {
            [key: string]: unknown;
          };
          /** @description Publishing it again makes no second event */
          eventId?: string;
          /**
           * Format: date-time
           * @description When it happened; default: now
           */
          timestamp?: string;
          orderingKey?: string;
        };
      };
    };
    responses: {
      /** @description On disk; it will be delivered */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              event: {
                eventId: string;
                eventType: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                timestamp: string;
                workspaceId: string;
                orderingKey: string | null;
                /** @description How many deliveries were made of it */
                deliveries: number;
                /** @description It was stored before; this answer is about that one */
                duplicate: boolean;
                warnings: string[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  getEvent: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id, as an answer gave it */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              event: {
                eventId: string;
                eventType: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                timestamp: string;
                workspaceId: string;
                orderingKey: string | null;
                /** @enum {string} */
                origin: 'published' | 'test' | 'operational';
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                dataBytes: number;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                erasedAt: string | null;
                deliveryCount: number;
                states: {
                  pending: number;
                  succeeded: number;
                  failed: number;
                  cancelled: number;
                  skipped: number;
                };
                /** @description Whom filters kept it from: how many, and the first of them */
                filteredOut: {
                  count: number;
                  subscriptionIds: string[];
                };
                /** @description What became of it, in a sentence */
                summary: string;
                /** @description A JSON object; kept byte for byte */
                data: {
                  [key: string]: unknown;
                };
              };
              deliveries: {
                items: {
                  _id: string;
                  workspaceId: string;
                  subscriptionId: string;
                  /** @description Of the subscription, now */
                  url: string;
                  /** @enum {string} */
                  subscriptionStatus: 'active' | 'inactive' | 'deactivated' | 'deleted';
                  eventId: string;
                  eventType: string;
                  /** @enum {string} */
                  state: 'pending' | 'succeeded' | 'failed' | 'cancelled' | 'skipped' | 'delivering';
                  /**
                   * @description Why it failed; erased: it was cancelled because the payload of its event was erased
                   * @enum {string|null}
                   */
                  failureReason: 'exhausted' | 'gone' | 'crashed_nodes' | 'erased' | null;
                  attemptCount: number;
                  /**
                   * Format: date-time
                   * @example 2026-03-24T14:30:00.000Z
                   */
                  createdAt: string;
                  /**
                   * Format: date-time
                   * @example 2026-03-24T14:30:00.000Z
                   */
                  nextAttemptAt: string | null;
                  /**
                   * Format: date-time
                   * @example 2026-03-24T14:30:00.000Z
                   */
                  firstAttemptAt: string | null;
                  /**
                   * Format: date-time
                   * @example 2026-03-24T14:30:00.000Z
                   */
                  finishedAt: string | null;
                  /** @enum {string|null} */
                  lastOutcome:
                    | 'success'
                    | 'http_status'
                    | 'timeout'
                    | 'dns'
                    | 'connect'
                    | 'tls'
                    | 'protocol'
                    | 'blocked_address'
                    | null;
                  lastStatusCode: number | null;
                  lastError: string | null;
                  /** @description The delivery that this one replays */
                  replayOf: string | null;
                  /** @description The replay that made it, if one did */
                  replayId: string | null;
                }[];
                pagination: {
                  limit: number;
                  nextCursor: string | null;
                };
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  listDeliveries: {
    parameters: {
      query: {
        cursor?: string;
        limit: number;
        /** @description Created at or after */
        since?: string;
        /** @description Created before */
        until?: string;
        eventId?: string;
        eventType?: string;
        /** @description pending includes what is shown as delivering */
        state?: 'pending' | 'succeeded' | 'failed' | 'cancelled' | 'skipped';
        /** @description The status code of the last attempt */
        statusCode?: number;
        subscriptionId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              items: {
                _id: string;
                workspaceId: string;
                subscriptionId: string;
                /** @description Of the subscription, now */
                url: string;
                /** @enum {string} */
                subscriptionStatus: 'active' | 'inactive' | 'deactivated' | 'deleted';
                eventId: string;
                eventType: string;
                /** @enum {string} */
                state: 'pending' | 'succeeded' | 'failed' | 'cancelled' | 'skipped' | 'delivering';
                /**
                 * @description Why it failed; erased: it was cancelled because the payload of its event was erased
                 * @enum {string|null}
                 */
                failureReason: 'exhausted' | 'gone' | 'crashed_nodes' | 'erased' | null;
                attemptCount: number;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                nextAttemptAt: string | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                firstAttemptAt: string | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                finishedAt: string | null;
                /** @enum {string|null} */
                lastOutcome:
                  | 'success'
                  | 'http_status'
                  | 'timeout'
                  | 'dns'
                  | 'connect'
                  | 'tls'
                  | 'protocol'
                  | 'blocked_address'
                  | null;
                lastStatusCode: number | null;
                lastError: string | null;
                /** @description The delivery that this one replays */
                replayOf: string | null;
                /** @description The replay that made it, if one did */
                replayId: string | null;
              }[];
              pagination: {
                limit: number;
                nextCursor: string | null;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  getDelivery: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id, as an answer gave it */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              delivery: {
                _id: string;
                workspaceId: string;
                subscriptionId: string;
                /** @description Of the subscription, now */
                url: string;
                /** @enum {string} */
                subscriptionStatus: 'active' | 'inactive' | 'deactivated' | 'deleted';
                eventId: string;
                eventType: string;
                /** @enum {string} */
                state: 'pending' | 'succeeded' | 'failed' | 'cancelled' | 'skipped' | 'delivering';
                /**
                 * @description Why it failed; erased: it was cancelled because the payload of its event was erased
                 * @enum {string|null}
                 */
                failureReason: 'exhausted' | 'gone' | 'crashed_nodes' | 'erased' | null;
                attemptCount: number;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                nextAttemptAt: string | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                firstAttemptAt: string | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                finishedAt: string | null;
                /** @enum {string|null} */
                lastOutcome:
                  | 'success'
                  | 'http_status'
                  | 'timeout'
                  | 'dns'
                  | 'connect'
                  | 'tls'
                  | 'protocol'
                  | 'blocked_address'
                  | null;
                lastStatusCode: number | null;
                lastError: string | null;
                /** @description The delivery that this one replays */
                replayOf: string | null;
                /** @description The replay that made it, if one did */
                replayId: string | null;
                attempts: {
                  _id: string;
                  number: number;
                  /**
                   * Format: date-time
                   * @example 2026-03-24T14:30:00.000Z
                   */
                  startedAt: string;
                  durationMs: number;
                  /** @enum {string} */
                  outcome:
                    | 'success'
                    | 'http_status'
                    | 'timeout'
                    | 'dns'
                    | 'connect'
                    | 'tls'
                    | 'protocol'
                    | 'blocked_address';
                  statusCode: number | null;
                  error: string | null;
                  /** @description What to do about it, in a sentence; null after a success */
                  advice: string | null;
                  /** @description As it was sent; its body is that of the event. Signatures and values of own headers are elided, Host, Connection and Content-Length left out, and User-Agent is the one configured now */
                  request: {
                    /** @description Whether any of it was written: without a connection nothing was */
                    sent: boolean;
                    /** @enum {string} */
                    method: 'POST';
                    /** @description Of the subscription at that time */
                    url: string;
                    headers: {
                      name: string;
                      value: string;
                    }[];
                  } | null;
                  /** @description At most 32 fields and 4 KiB, values as they came but for cookies and what cannot be seen; of a success only content-type */
                  responseHeaders:
                    | {
                        name: string;
                        value: string;
                      }[]
                    | null;
                  /** @description How many fields of the response are not kept */
                  responseHeadersLeftOut: number;
                  /** @description Its first bytes, as text: never to be taken for markup */
                  responseBody: string | null;
                  responseTruncated: boolean;
                  /** @description Where its time went; null for what was not begun */
                  timing: {
                    /** @description Looking up the name */
                    dnsMs: number | null;
                    /** @description TCP */
                    connectMs: number | null;
                    /** @description The TLS handshake */
                    tlsMs: number | null;
                    /** @description From writing the request to the response head */
                    waitMs: number | null;
                    /** @description It went over the connection of an earlier attempt: there was nothing to look up or connect */
                    connectionReused: boolean;
                  } | null;
                  /** @description What it was connected to, or tried last */
                  remoteAddress: string | null;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  listSubscriptionDeliveries: {
    parameters: {
      query: {
        cursor?: string;
        limit: number;
        /** @description Created at or after */
        since?: string;
        /** @description Created before */
        until?: string;
        eventId?: string;
        eventType?: string;
        /** @description pending includes what is shown as delivering */
        state?: 'pending' | 'succeeded' | 'failed' | 'cancelled' | 'skipped';
        /** @description The status code of the last attempt */
        statusCode?: number;
      };
      header?: never;
      path: {
        /** @description The id, as an answer gave it */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              items: {
                _id: string;
                workspaceId: string;
                subscriptionId: string;
                /** @description Of the subscription, now */
                url: string;
                /** @enum {string} */
                subscriptionStatus: 'active' | 'inactive' | 'deactivated' | 'deleted';
                eventId: string;
                eventType: string;
                /** @enum {string} */
                state: 'pending' | 'succeeded' | 'failed' | 'cancelled' | 'skipped' | 'delivering';
                /**
                 * @description Why it failed; erased: it was cancelled because the payload of its event was erased
                 * @enum {string|null}
                 */
                failureReason: 'exhausted' | 'gone' | 'crashed_nodes' | 'erased' | null;
                attemptCount: number;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                nextAttemptAt: string | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                firstAttemptAt: string | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                finishedAt: string | null;
                /** @enum {string|null} */
                lastOutcome:
                  | 'success'
                  | 'http_status'
                  | 'timeout'
                  | 'dns'
                  | 'connect'
                  | 'tls'
                  | 'protocol'
                  | 'blocked_address'
                  | null;
                lastStatusCode: number | null;
                lastError: string | null;
                /** @description The delivery that this one replays */
                replayOf: string | null;
                /** @description The replay that made it, if one did */
                replayId: string | null;
              }[];
              pagination: {
                limit: number;
                nextCursor: string | null;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  replayEvent: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id, as an answer gave it */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': {
          /** @description Default: the active ones that match the event now */
          subscriptionIds?: string[];
        };
      };
    };
    responses: {
      /** @description New deliveries, on disk; they will be attempted */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              deliveries: {
                _id: string;
                workspaceId: string;
                subscriptionId: string;
                /** @description Of the subscription, now */
                url: string;
                /** @enum {string} */
                subscriptionStatus: 'active' | 'inactive' | 'deactivated' | 'deleted';
                eventId: string;
                eventType: string;
                /** @enum {string} */
                state: 'pending' | 'succeeded' | 'failed' | 'cancelled' | 'skipped' | 'delivering';
                /**
                 * @description Why it failed; erased: it was cancelled because the payload of its event was erased
                 * @enum {string|null}
                 */
                failureReason: 'exhausted' | 'gone' | 'crashed_nodes' | 'erased' | null;
                attemptCount: number;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                nextAttemptAt: string | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                firstAttemptAt: string | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                finishedAt: string | null;
                /** @enum {string|null} */
                lastOutcome:
                  | 'success'
                  | 'http_status'
                  | 'timeout'
                  | 'dns'
                  | 'connect'
                  | 'tls'
                  | 'protocol'
                  | 'blocked_address'
                  | null;
                lastStatusCode: number | null;
                lastError: string | null;
                /** @description The delivery that this one replays */
                replayOf: string | null;
                /** @description The replay that made it, if one did */
                replayId: string | null;
              }[];
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  replayDelivery: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id, as an answer gave it */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A new delivery, on disk; it will be attempted */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              delivery: {
                _id: string;
                workspaceId: string;
                subscriptionId: string;
                /** @description Of the subscription, now */
                url: string;
                /** @enum {string} */
                subscriptionStatus: 'active' | 'inactive' | 'deactivated' | 'deleted';
                eventId: string;
                eventType: string;
                /** @enum {string} */
                state: 'pending' | 'succeeded' | 'failed' | 'cancelled' | 'skipped' | 'delivering';
                /**
                 * @description Why it failed; erased: it was cancelled because the payload of its event was erased
                 * @enum {string|null}
                 */
                failureReason: 'exhausted' | 'gone' | 'crashed_nodes' | 'erased' | null;
                attemptCount: number;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                nextAttemptAt: string | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                firstAttemptAt: string | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                finishedAt: string | null;
                /** @enum {string|null} */
                lastOutcome:
                  | 'success'
                  | 'http_status'
                  | 'timeout'
                  | 'dns'
                  | 'connect'
                  | 'tls'
                  | 'protocol'
                  | 'blocked_address'
                  | null;
                lastStatusCode: number | null;
                lastError: string | null;
                /** @description The delivery that this one replays */
                replayOf: string | null;
                /** @description The replay that made it, if one did */
                replayId: string | null;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  cancelDelivery: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id, as an answer gave it */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Cancelled */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              delivery: {
                _id: string;
                workspaceId: string;
                subscriptionId: string;
                /** @description Of the subscription, now */
                url: string;
                /** @enum {string} */
                subscriptionStatus: 'active' | 'inactive' | 'deactivated' | 'deleted';
                eventId: string;
                eventType: string;
                /** @enum {string} */
                state: 'pending' | 'succeeded' | 'failed' | 'cancelled' | 'skipped' | 'delivering';
                /**
                 * @description Why it failed; erased: it was cancelled because the payload of its event was erased
                 * @enum {string|null}
                 */
                failureReason: 'exhausted' | 'gone' | 'crashed_nodes' | 'erased' | null;
                attemptCount: number;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                nextAttemptAt: string | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                firstAttemptAt: string | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                finishedAt: string | null;
                /** @enum {string|null} */
                lastOutcome:
                  | 'success'
                  | 'http_status'
                  | 'timeout'
                  | 'dns'
                  | 'connect'
                  | 'tls'
                  | 'protocol'
                  | 'blocked_address'
                  | null;
                lastStatusCode: number | null;
                lastError: string | null;
                /** @description The delivery that this one replays */
                replayOf: string | null;
                /** @description The replay that made it, if one did */
                replayId: string | null;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  startReplay: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id, as an answer gave it */
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /**
           * Format: date-time
           * @description First delivered at or after
           */
          since: string;
          /**
           * Format: date-time
           * @description Before; default: now
           */
          until?: string;
          eventTypes?: string[];
          /** @description Of the latest delivery of each event; default: all but succeeded */
          states?: ('pending' | 'succeeded' | 'failed' | 'cancelled' | 'skipped')[];
        };
      };
    };
    responses: {
      /** @description It is stored, and goes on whatever becomes of this node */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              replay: {
                _id: string;
                workspaceId: string;
                subscriptionId: string;
                /** @enum {string} */
                state: 'running' | 'done' | 'cancelled';
                /**
                 * @description Why it was cancelled
                 * @enum {string|null}
                 */
                reason: 'requested' | 'subscription_inactive' | 'subscription_deleted' | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                since: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                until: string;
                eventTypes: string[] | null;
                states: ('pending' | 'succeeded' | 'failed' | 'cancelled' | 'skipped')[];
                /** @description Deliveries selected, as far as has been counted */
                count: number;
                /** @description All has been counted */
                counted: boolean;
                progress: {
                  made: number;
                  pending: number;
                  succeeded: number;
                  failed: number;
                  cancelled: number;
                  /** @description Events selected whose payload was erased: nothing is made of them */
                  erased: number;
                };
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                updatedAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                finishedAt: string | null;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  listReplays: {
    parameters: {
      query: {
        cursor?: string;
        limit: number;
        /** @description Created at or after */
        since?: string;
        /** @description Created before */
        until?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              items: {
                _id: string;
                workspaceId: string;
                subscriptionId: string;
                /** @enum {string} */
                state: 'running' | 'done' | 'cancelled';
                /**
                 * @description Why it was cancelled
                 * @enum {string|null}
                 */
                reason: 'requested' | 'subscription_inactive' | 'subscription_deleted' | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                since: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                until: string;
                eventTypes: string[] | null;
                states: ('pending' | 'succeeded' | 'failed' | 'cancelled' | 'skipped')[];
                /** @description Deliveries selected, as far as has been counted */
                count: number;
                /** @description All has been counted */
                counted: boolean;
                progress: {
                  made: number;
                  pending: number;
                  succeeded: number;
                  failed: number;
                  cancelled: number;
                  /** @description Events selected whose payload was erased: nothing is made of them */
                  erased: number;
                };
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                updatedAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                finishedAt: string | null;
              }[];
              pagination: {
                limit: number;
                nextCursor: string | null;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  getReplay: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id, as an answer gave it */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              replay: {
                _id: string;
                workspaceId: string;
                subscriptionId: string;
                /** @enum {string} */
                state: 'running' | 'done' | 'cancelled';
                /**
                 * @description Why it was cancelled
                 * @enum {string|null}
                 */
                reason: 'requested' | 'subscription_inactive' | 'subscription_deleted' | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                since: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                until: string;
                eventTypes: string[] | null;
                states: ('pending' | 'succeeded' | 'failed' | 'cancelled' | 'skipped')[];
                /** @description Deliveries selected, as far as has been counted */
                count: number;
                /** @description All has been counted */
                counted: boolean;
                progress: {
                  made: number;
                  pending: number;
                  succeeded: number;
                  failed: number;
                  cancelled: number;
                  /** @description Events selected whose payload was erased: nothing is made of them */
                  erased: number;
                };
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                updatedAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                finishedAt: string | null;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  cancelReplay: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id, as an answer gave it */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              replay: {
                _id: string;
                workspaceId: string;
                subscriptionId: string;
                /** @enum {string} */
                state: 'running' | 'done' | 'cancelled';
                /**
                 * @description Why it was cancelled
                 * @enum {string|null}
                 */
                reason: 'requested' | 'subscription_inactive' | 'subscription_deleted' | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                since: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                until: string;
                eventTypes: string[] | null;
                states: ('pending' | 'succeeded' | 'failed' | 'cancelled' | 'skipped')[];
                /** @description Deliveries selected, as far as has been counted */
                count: number;
                /** @description All has been counted */
                counted: boolean;
                progress: {
                  made: number;
                  pending: number;
                  succeeded: number;
                  failed: number;
                  cancelled: number;
                  /** @description Events selected whose payload was erased: nothing is made of them */
                  erased: number;
                };
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                updatedAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                finishedAt: string | null;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  listErasures: {
    parameters: {
      query: {
        cursor?: string;
        limit: number;
        /** @description Created at or after */
        since?: string;
        /** @description Created before */
        until?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              items: {
                _id: string;
                workspaceId: string;
                path: string;
                /** @enum {string} */
                state: 'running' | 'done' | 'cancelled';
                progress: {
                  /** @description Events looked at */
                  examined: number;
                  /** @description Events whose payload it erased */
                  erased: number;
                  /** @description Pending deliveries cancelled with them */
                  cancelled: number;
                };
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                updatedAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                finishedAt: string | null;
              }[];
              pagination: {
                limit: number;
                nextCursor: string | null;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  startErasure: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /**
           * @description Where in data the value is
           * @example $.customer.id
           */
          path: string;
          /** @description Compared exactly; shown in no answer, and forgotten when the job ends */
          value: string | number;
        };
      };
    };
    responses: {
      /** @description It is stored, and goes on whatever becomes of this node */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              erasure: {
                _id: string;
                workspaceId: string;
                path: string;
                /** @enum {string} */
                state: 'running' | 'done' | 'cancelled';
                progress: {
                  /** @description Events looked at */
                  examined: number;
                  /** @description Events whose payload it erased */
                  erased: number;
                  /** @description Pending deliveries cancelled with them */
                  cancelled: number;
                };
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                updatedAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                finishedAt: string | null;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  getErasure: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id, as an answer gave it */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              erasure: {
                _id: string;
                workspaceId: string;
                path: string;
                /** @enum {string} */
                state: 'running' | 'done' | 'cancelled';
                progress: {
                  /** @description Events looked at */
                  examined: number;
                  /** @description Events whose payload it erased */
                  erased: number;
                  /** @description Pending deliveries cancelled with them */
                  cancelled: number;
                };
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                updatedAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                finishedAt: string | null;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  cancelErasure: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id, as an answer gave it */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              erasure: {
                _id: string;
                workspaceId: string;
                path: string;
                /** @enum {string} */
                state: 'running' | 'done' | 'cancelled';
                progress: {
                  /** @description Events looked at */
                  examined: number;
                  /** @description Events whose payload it erased */
                  erased: number;
                  /** @description Pending deliveries cancelled with them */
                  cancelled: number;
                };
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                updatedAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                finishedAt: string | null;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  listEventTypes: {
    parameters: {
      query: {
        page: number;
        limit: number;
        sortOrder: 'asc' | 'desc';
        /** @description Part of the name or description */
        search?: string;
        category?: string;
        deprecated?: boolean;
        /** @description false: the workspace's own types only */
        builtIn?: boolean;
        sortBy: 'name' | 'category';
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              items: {
                name: string;
                builtIn: boolean;
                /** @description The name's first part unless given */
                category: string;
                /** @description When the event is published */
                description: string;
                /** @description JSON Schema 2020-12 of data */
                schema: {
                  [key: string]: unknown;
                } | null;
                /** @description What data may look like; a test event carries it */
                example: {
                  [key: string]: unknown;
                } | null;
                /** @description Publishing and subscribing are answered with a warning */
                deprecated: boolean;
                /** @description What to do about it */
                deprecationNote: string | null;
                /** @description The event type to use instead */
                replacedBy: string | null;
                /**
                 * @description null: the workspace's default
                 * @enum {string|null}
                 */
                validation: 'off' | 'warn' | 'reject' | null;
                /** @enum {string} */
                effectiveValidation: 'off' | 'warn' | 'reject';
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                updatedAt: string | null;
                warnings: string[];
              }[];
              pagination: {
                page: number;
                limit: number;
                total: number;
                totalPages: number;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  createEventType: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @example shop.order.paid */
          name: string;
          /** @description The name's first part unless given */
          category?: string;
          /** @description When the event is published */
          description?: string;
          /** @description JSON Schema 2020-12 of data */
          schema?: {
            [key: string]: unknown;
          } | null;
          /** @description What data may look like; a test event carries it */
          example?: {
            [key: string]: unknown;
          } | null;
          /** @description Publishing and subscribing are answered with a warning */
          deprecated?: boolean;
          /** @description What to do about it */
          deprecationNote?: string | null;
          /** @description The event type to use instead */
          replacedBy?: string | null;
          /**
           * @description null: the workspace's default
           * @enum {string|null}
           */
          validation?: 'off' | 'warn' | 'reject' | null;
        };
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              eventType: {
                name: string;
                builtIn: boolean;
                /** @description The name's first part unless given */
                category: string;
                /** @description When the event is published */
                description: string;
                /** @description JSON Schema 2020-12 of data */
                schema: {
                  [key: string]: unknown;
                } | null;
                /** @description What data may look like; a test event carries it */
                example: {
                  [key: string]: unknown;
                } | null;
                /** @description Publishing and subscribing are answered with a warning */
                deprecated: boolean;
                /** @description What to do about it */
                deprecationNote: string | null;
                /** @description The event type to use instead */
                replacedBy: string | null;
                /**
                 * @description null: the workspace's default
                 * @enum {string|null}
                 */
                validation: 'off' | 'warn' | 'reject' | null;
                /** @enum {string} */
                effectiveValidation: 'off' | 'warn' | 'reject';
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                updatedAt: string | null;
                warnings: string[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  getCatalogueSettings: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              settings: {
                /** @enum {string} */
                validation: 'off' | 'warn' | 'reject';
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  changeCatalogueSettings: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @enum {string} */
          validation?: 'off' | 'warn' | 'reject';
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              settings: {
                /** @enum {string} */
                validation: 'off' | 'warn' | 'reject';
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  getEventType: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The event type */
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              eventType: {
                name: string;
                builtIn: boolean;
                /** @description The name's first part unless given */
                category: string;
                /** @description When the event is published */
                description: string;
                /** @description JSON Schema 2020-12 of data */
                schema: {
                  [key: string]: unknown;
                } | null;
                /** @description What data may look like; a test event carries it */
                example: {
                  [key: string]: unknown;
                } | null;
                /** @description Publishing and subscribing are answered with a warning */
                deprecated: boolean;
                /** @description What to do about it */
                deprecationNote: string | null;
                /** @description The event type to use instead */
                replacedBy: string | null;
                /**
                 * @description null: the workspace's default
                 * @enum {string|null}
                 */
                validation: 'off' | 'warn' | 'reject' | null;
                /** @enum {string} */
                effectiveValidation: 'off' | 'warn' | 'reject';
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                updatedAt: string | null;
                warnings: string[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  deleteEventType: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The event type */
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Deleted */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              /** @enum {boolean} */
              deleted: true;
              _id: string;
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  changeEventType: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The event type */
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description The name's first part unless given */
          category?: string;
          /** @description When the event is published */
          description?: string;
          /** @description JSON Schema 2020-12 of data */
          schema?: {
            [key: string]: unknown;
          } | null;
          /** @description What data may look like; a test event carries it */
          example?: {
            [key: string]: unknown;
          } | null;
          /** @description Publishing and subscribing are answered with a warning */
          deprecated?: boolean;
          /** @description What to do about it */
          deprecationNote?: string | null;
          /** @description The event type to use instead */
          replacedBy?: string | null;
          /**
           * @description null: the workspace's default
           * @enum {string|null}
           */
          validation?: 'off' | 'warn' | 'reject' | null;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              eventType: {
                name: string;
                builtIn: boolean;
                /** @description The name's first part unless given */
                category: string;
                /** @description When the event is published */
                description: string;
                /** @description JSON Schema 2020-12 of data */
                schema: {
                  [key: string]: unknown;
                } | null;
                /** @description What data may look like; a test event carries it */
                example: {
                  [key: string]: unknown;
                } | null;
                /** @description Publishing and subscribing are answered with a warning */
                deprecated: boolean;
                /** @description What to do about it */
                deprecationNote: string | null;
                /** @description The event type to use instead */
                replacedBy: string | null;
                /**
                 * @description null: the workspace's default
                 * @enum {string|null}
                 */
                validation: 'off' | 'warn' | 'reject' | null;
                /** @enum {string} */
                effectiveValidation: 'off' | 'warn' | 'reject';
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                updatedAt: string | null;
                warnings: string[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  importEventTypes: {
    parameters: {
      query: {
        /** @description Tell what would be done, and do nothing */
        dryRun: boolean;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** @description A document of OpenAPI 3.1 with `webhooks` */
    requestBody: {
      content: {
        'application/json': {
          [key: string]: unknown;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              dryRun: boolean;
              created: number;
              changed: number;
              unchanged: number;
              refused: number;
              /** @description One for each webhook, in the order of the document */
              results: {
                name: string;
                /** @enum {string} */
                result: 'created' | 'changed' | 'unchanged' | 'refused';
                /** @description Why it was refused */
                errors?: {
                  path: string;
                  message: string;
                }[];
              }[];
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  exportEventTypes: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A document of OpenAPI 3.1 with `webhooks` */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            [key: string]: unknown;
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  getWorkspaceSettings: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              settings: {
                /** @description Days that history is kept, no more than the installation does; null: as long as it does */
                retentionDays: number | null;
                /** @description What is taken out of the bodies of responses before they are stored */
                redactionPaths: string[];
                portal: {
                  /** @description Origins of the pages that may show the portal in a frame; none: no page may */
                  frameAncestors: string[];
                  /** @example Acme webhooks */
                  title: string | null;
                  /** @example https://acme.example.com/logo.svg */
                  logoUrl: string | null;
                  /**
                   * @description As #rrggbb
                   * @example #1f6feb
                   */
                  primaryColor: string | null;
                } | null;
                /** @description Days that history is kept */
                effectiveRetentionDays: number;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  changeWorkspaceSettings: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Days that history is kept, no more than the installation does; null: as long as it does */
          retentionDays?: number | null;
          /** @description What is taken out of the bodies of responses before they are stored */
          redactionPaths?: string[];
          portal?: {
            /** @description Origins of the pages that may show the portal in a frame; none: no page may */
            frameAncestors?: string[];
            /** @example Acme webhooks */
            title?: string | null;
            /** @example https://acme.example.com/logo.svg */
            logoUrl?: string | null;
            /**
             * @description As #rrggbb
             * @example #1f6feb
             */
            primaryColor?: string | null;
          } | null;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              settings: {
                /** @description Days that history is kept, no more than the installation does; null: as long as it does */
                retentionDays: number | null;
                /** @description What is taken out of the bodies of responses before they are stored */
                redactionPaths: string[];
                portal: {
                  /** @description Origins of the pages that may show the portal in a frame; none: no page may */
                  frameAncestors: string[];
                  /** @example Acme webhooks */
                  title: string | null;
                  /** @example https://acme.example.com/logo.svg */
                  logoUrl: string | null;
                  /**
                   * @description As #rrggbb
                   * @example #1f6feb
                   */
                  primaryColor: string | null;
                } | null;
                /** @description Days that history is kept */
                effectiveRetentionDays: number;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  listAudit: {
    parameters: {
      query: {
        cursor?: string;
        limit: number;
        /** @description Created at or after */
        since?: string;
        /** @description Created before */
        until?: string;
        action?:
          | 'workspace.created'
          | 'workspace.changed'
          | 'workspace.deleted'
          | 'token.created'
          | 'token.changed'
          | 'token.revoked'
          | 'admin_token.replaced'
          | 'subscription.created'
          | 'subscription.changed'
          | 'subscription.deleted'
          | 'subscription.deactivated'
          | 'subscription.tested'
          | 'subscription.secret_rotated'
          | 'subscription.secret_rotation_finished'
          | 'subscription.secret_revealed'
          | 'event.replayed'
          | 'delivery.replayed'
          | 'delivery.cancelled'
          | 'replay.started'
          | 'replay.cancelled'
          | 'erasure.started'
          | 'erasure.cancelled'
          | 'event_type.created'
          | 'event_type.changed'
          | 'event_type.deleted'
          | 'event_types.imported'
          | 'session.started'
          | 'portal.link_created';
        targetId?: string;
        tokenId?: string;
        actor?: 'token' | 'admin' | 'operator' | 'platform';
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              items: {
                _id: string;
                workspaceId: string | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /** @enum {string} */
                action:
                  | 'workspace.created'
                  | 'workspace.changed'
                  | 'workspace.deleted'
                  | 'token.created'
                  | 'token.changed'
                  | 'token.revoked'
                  | 'admin_token.replaced'
                  | 'subscription.created'
                  | 'subscription.changed'
                  | 'subscription.deleted'
                  | 'subscription.deactivated'
                  | 'subscription.tested'
                  | 'subscription.secret_rotated'
                  | 'subscription.secret_rotation_finished'
                  | 'subscription.secret_revealed'
                  | 'event.replayed'
                  | 'delivery.replayed'
                  | 'delivery.cancelled'
                  | 'replay.started'
                  | 'replay.cancelled'
                  | 'erasure.started'
                  | 'erasure.cancelled'
                  | 'event_type.created'
                  | 'event_type.changed'
                  | 'event_type.deleted'
                  | 'event_types.imported'
                  | 'session.started'
                  | 'portal.link_created';
                /** @description The id of what was changed */
                targetId: string | null;
                /** @description Names of the fields that were given; never values */
                fields: string[];
                actor: {
                  /** @enum {string} */
                  kind: 'token' | 'admin' | 'operator' | 'platform';
                  tokenId?: string;
                  tokenPrefix?: string;
                  tokenName?: string;
                  /**
                   * @description A session that was begun with the token, or the portal by a link that was made with it
                   * @enum {string}
                   */
                  via?: 'session' | 'portal';
                };
                /** @description The client's address */
                address: string | null;
                requestId: string | null;
              }[];
              pagination: {
                limit: number;
                nextCursor: string | null;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  createPortalLink: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': {
          /** @default 60 */
          expiresInMinutes?: number;
          /** @description No more than the token has; default: all of them that it has, but deliveries:write */
          scopes?: (
            | 'integrations:read'
            | 'integrations:write'
            | 'events:read'
            | 'deliveries:read'
            | 'deliveries:write'
          )[];
        };
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              link: {
                /** @description To be opened, or to be shown in a frame: in this answer only */
                url: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                expiresAt: string;
                scopes: (
                  | 'integrations:read'
                  | 'integrations:write'
                  | 'events:read'
                  | 'deliveries:read'
                  | 'deliveries:write'
                )[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  openStream: {
    parameters: {
      query?: {
        /**
         * @description Of event, erasure, attempt, delivery, subscription; default: all that the token may read
         * @example event,attempt
         */
        kinds?: string;
        /**
         * @description Event types and patterns; what is of no event type is left out then
         * @example crm.*,inbox.message.received
         */
        eventTypes?: string;
        subscriptionId?: string;
      };
      header?: {
        /** @description The id of the last message seen: the stream goes on behind it */
        'Last-Event-ID'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Server-sent events, until one side ends it */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'text/event-stream': string;
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  testSubscription: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id, as an answer gave it */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': {
          /** @example crm.lead.created */
          eventType?: string;
          /** @description A JSON object; kept byte for byte */
          data?: {
            [key: string]: unknown;
          };
        };
      };
    };
    responses: {
      /** @description On disk; it will be delivered */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              delivery: {
                _id: string;
                workspaceId: string;
                subscriptionId: string;
                /** @description Of the subscription, now */
                url: string;
                /** @enum {string} */
                subscriptionStatus: 'active' | 'inactive' | 'deactivated' | 'deleted';
                eventId: string;
                eventType: string;
                /** @enum {string} */
                state: 'pending' | 'succeeded' | 'failed' | 'cancelled' | 'skipped' | 'delivering';
                /**
                 * @description Why it failed; erased: it was cancelled because the payload of its event was erased
                 * @enum {string|null}
                 */
                failureReason: 'exhausted' | 'gone' | 'crashed_nodes' | 'erased' | null;
                attemptCount: number;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                nextAttemptAt: string | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                firstAttemptAt: string | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                finishedAt: string | null;
                /** @enum {string|null} */
                lastOutcome:
                  | 'success'
                  | 'http_status'
                  | 'timeout'
                  | 'dns'
                  | 'connect'
                  | 'tls'
                  | 'protocol'
                  | 'blocked_address'
                  | null;
                lastStatusCode: number | null;
                lastError: string | null;
                /** @description The delivery that this one replays */
                replayOf: string | null;
                /** @description The replay that made it, if one did */
                replayId: string | null;
              };
              warnings: string[];
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  publishEvents: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          events: {
            /** @example crm.lead.created */
            eventType: string;
            /** @description A JSON object; kept byte for byte */
            data: {
              [key: string]: unknown;
            };
            /** @description Publishing it again makes no second event */
            eventId?: string;
            /**
             * Format: date-time
             * @description When it happened; default: now
             */
            timestamp?: string;
            orderingKey?: string;
          }[];
        };
      };
    };
    responses: {
      /** @description What has an event is on disk; what has an error is not stored */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              /** @description One for each event, in the order of the request */
              results: {
                success: boolean;
                event?: {
                  eventId: string;
                  eventType: string;
                  /**
                   * Format: date-time
                   * @example 2026-03-24T14:30:00.000Z
                   */
                  timestamp: string;
                  workspaceId: string;
                  orderingKey: string | null;
                  /** @description How many deliveries were made of it */
                  deliveries: number;
                  /** @description It was stored before; this answer is about that one */
                  duplicate: boolean;
                  warnings: string[];
                };
                error?: {
                  /** @enum {string} */
                  code:
                    | 'BAD_REQUEST'
                    | 'UNAUTHORIZED'
                    | 'FORBIDDEN'
                    | 'NOT_FOUND'
                    | 'METHOD_NOT_ALLOWED'
                    | 'CONFLICT'
                    | 'PAYLOAD_TOO_LARGE'
                    | 'VALIDATION_ERROR'
                    | 'TOO_MANY_REQUESTS'
                    | 'INTERNAL_ERROR'
                    | 'UNAVAILABLE';
                  message: string;
                  details?: {
                    errors: {
                      path: string;
                      message: string;
                    }[];
                  };
                };
              }[];
              /** @description Results with an event, duplicates included */
              accepted: number;
              /** @description Results with an error */
              refused: number;
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  listWorkspaces: {
    parameters: {
      query: {
        page: number;
        limit: number;
        sortOrder: 'asc' | 'desc';
        /** @description Part of the name */
        search?: string;
        sortBy: 'createdAt' | 'name';
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              items: {
                _id: string;
                name: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                updatedAt: string;
              }[];
              pagination: {
                page: number;
                limit: number;
                total: number;
                totalPages: number;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  createWorkspace: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          name: string;
        };
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              workspace: {
                _id: string;
                name: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                updatedAt: string;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  getWorkspace: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id, as an answer gave it */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              workspace: {
                _id: string;
                name: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                updatedAt: string;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  deleteWorkspace: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id, as an answer gave it */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Deleted */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              /** @enum {boolean} */
              deleted: true;
              _id: string;
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  changeWorkspace: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id, as an answer gave it */
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          name?: string;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              workspace: {
                _id: string;
                name: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                updatedAt: string;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  listTokens: {
    parameters: {
      query: {
        page: number;
        limit: number;
        sortOrder: 'asc' | 'desc';
        workspaceId: string;
        /** @description Neither revoked nor expired */
        active?: boolean;
        sortBy: 'createdAt';
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              items: {
                _id: string;
                workspaceId: string;
                name: string;
                /** @description Its first 16 characters */
                prefix: string;
                scopes: (
                  | 'integrations:read'
                  | 'integrations:write'
                  | 'events:read'
                  | 'events:write'
                  | 'deliveries:read'
                  | 'deliveries:write'
                  | 'catalogue:write'
                  | 'workspace:read'
                  | 'workspace:write'
                  | 'audit:read'
                )[];
                /** @enum {string} */
                status: 'active' | 'expired' | 'revoked';
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                expiresAt: string | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                revokedAt: string | null;
                /**
                 * Format: date-time
                 * @description To a minute or so
                 * @example 2026-03-24T14:30:00.000Z
                 */
                lastUsedAt: string | null;
              }[];
              pagination: {
                page: number;
                limit: number;
                total: number;
                totalPages: number;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  createToken: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          workspaceId: string;
          /** @description What it is for */
          name: string;
          scopes: (
            | 'integrations:read'
            | 'integrations:write'
            | 'events:read'
            | 'events:write'
            | 'deliveries:read'
            | 'deliveries:write'
            | 'catalogue:write'
            | 'workspace:read'
            | 'workspace:write'
            | 'audit:read'
          )[];
          /**
           * Format: date-time
           * @example 2026-03-24T14:30:00.000Z
           */
          expiresAt?: string | null;
          /**
           * @description How it begins, sk_live_ or sk_test_; both do the same
           * @enum {string}
           */
          mode?: 'live' | 'test';
        };
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              token: {
                _id: string;
                workspaceId: string;
                name: string;
                /** @description Its first 16 characters */
                prefix: string;
                scopes: (
                  | 'integrations:read'
                  | 'integrations:write'
                  | 'events:read'
                  | 'events:write'
                  | 'deliveries:read'
                  | 'deliveries:write'
                  | 'catalogue:write'
                  | 'workspace:read'
                  | 'workspace:write'
                  | 'audit:read'
                )[];
                /** @enum {string} */
                status: 'active' | 'expired' | 'revoked';
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                expiresAt: string | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                revokedAt: string | null;
                /**
                 * Format: date-time
                 * @description To a minute or so
                 * @example 2026-03-24T14:30:00.000Z
                 */
                lastUsedAt: string | null;
                /** @description The whole token: shown in this answer only */
                token: string;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  getToken: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id, as an answer gave it */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              token: {
                _id: string;
                workspaceId: string;
                name: string;
                /** @description Its first 16 characters */
                prefix: string;
                scopes: (
                  | 'integrations:read'
                  | 'integrations:write'
                  | 'events:read'
                  | 'events:write'
                  | 'deliveries:read'
                  | 'deliveries:write'
                  | 'catalogue:write'
                  | 'workspace:read'
                  | 'workspace:write'
                  | 'audit:read'
                )[];
                /** @enum {string} */
                status: 'active' | 'expired' | 'revoked';
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                expiresAt: string | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                revokedAt: string | null;
                /**
                 * Format: date-time
                 * @description To a minute or so
                 * @example 2026-03-24T14:30:00.000Z
                 */
                lastUsedAt: string | null;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  revokeToken: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id, as an answer gave it */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Revoked */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              /** @enum {boolean} */
              deleted: true;
              _id: string;
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  listAllAudit: {
    parameters: {
      query: {
        cursor?: string;
        limit: number;
        /** @description Created at or after */
        since?: string;
        /** @description Created before */
        until?: string;
        action?:
          | 'workspace.created'
          | 'workspace.changed'
          | 'workspace.deleted'
          | 'token.created'
          | 'token.changed'
          | 'token.revoked'
          | 'admin_token.replaced'
          | 'subscription.created'
          | 'subscription.changed'
          | 'subscription.deleted'
          | 'subscription.deactivated'
          | 'subscription.tested'
          | 'subscription.secret_rotated'
          | 'subscription.secret_rotation_finished'
          | 'subscription.secret_revealed'
          | 'event.replayed'
          | 'delivery.replayed'
          | 'delivery.cancelled'
          | 'replay.started'
          | 'replay.cancelled'
          | 'erasure.started'
          | 'erasure.cancelled'
          | 'event_type.created'
          | 'event_type.changed'
          | 'event_type.deleted'
          | 'event_types.imported'
          | 'session.started'
          | 'portal.link_created';
        targetId?: string;
        tokenId?: string;
        actor?: 'token' | 'admin' | 'operator' | 'platform';
        workspaceId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              items: {
                _id: string;
                workspaceId: string | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                createdAt: string;
                /** @enum {string} */
                action:
                  | 'workspace.created'
                  | 'workspace.changed'
                  | 'workspace.deleted'
                  | 'token.created'
                  | 'token.changed'
                  | 'token.revoked'
                  | 'admin_token.replaced'
                  | 'subscription.created'
                  | 'subscription.changed'
                  | 'subscription.deleted'
                  | 'subscription.deactivated'
                  | 'subscription.tested'
                  | 'subscription.secret_rotated'
                  | 'subscription.secret_rotation_finished'
                  | 'subscription.secret_revealed'
                  | 'event.replayed'
                  | 'delivery.replayed'
                  | 'delivery.cancelled'
                  | 'replay.started'
                  | 'replay.cancelled'
                  | 'erasure.started'
                  | 'erasure.cancelled'
                  | 'event_type.created'
                  | 'event_type.changed'
                  | 'event_type.deleted'
                  | 'event_types.imported'
                  | 'session.started'
                  | 'portal.link_created';
                /** @description The id of what was changed */
                targetId: string | null;
                /** @description Names of the fields that were given; never values */
                fields: string[];
                actor: {
                  /** @enum {string} */
                  kind: 'token' | 'admin' | 'operator' | 'platform';
                  tokenId?: string;
                  tokenPrefix?: string;
                  tokenName?: string;
                  /**
                   * @description A session that was begun with the token, or the portal by a link that was made with it
                   * @enum {string}
                   */
                  via?: 'session' | 'portal';
                };
                /** @description The client's address */
                address: string | null;
                requestId: string | null;
              }[];
              pagination: {
                limit: number;
                nextCursor: string | null;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  getSession: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              session: {
                /** @enum {string} */
                kind: 'workspace' | 'admin';
                /** @description Null for the administrator, who may name any */
                workspaceId: string | null;
                scopes: (
                  | 'integrations:read'
                  | 'integrations:write'
                  | 'events:read'
                  | 'events:write'
                  | 'deliveries:read'
                  | 'deliveries:write'
                  | 'catalogue:write'
                  | 'workspace:read'
                  | 'workspace:write'
                  | 'audit:read'
                )[];
                tokenPrefix: string | null;
                tokenName: string | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                expiresAt: string;
                /** @description For the header x-anti-forgery-token of every change */
                antiForgeryToken: string;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  startSession: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description A token of a workspace, or the admin token */
          token: string;
        };
      };
    };
    responses: {
      /** @description Done */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              session: {
                /** @enum {string} */
                kind: 'workspace' | 'admin';
                /** @description Null for the administrator, who may name any */
                workspaceId: string | null;
                scopes: (
                  | 'integrations:read'
                  | 'integrations:write'
                  | 'events:read'
                  | 'events:write'
                  | 'deliveries:read'
                  | 'deliveries:write'
                  | 'catalogue:write'
                  | 'workspace:read'
                  | 'workspace:write'
                  | 'audit:read'
                )[];
                tokenPrefix: string | null;
                tokenName: string | null;
                /**
                 * Format: date-time
                 * @example 2026-03-24T14:30:00.000Z
                 */
                expiresAt: string;
                /** @description For the header x-anti-forgery-token of every change */
                antiForgeryToken: string;
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  endSession: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Signed out */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              /** @enum {boolean} */
              deleted: true;
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
  exchangePortalCode: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description What is behind the # of the link */
          code: string;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: true;
            data: {
              /** @description For Authorization: Bearer, with x-workspace-id, until it expires */
              bearer: string;
              workspaceId: string;
              workspaceName: string;
              /**
               * Format: date-time
               * @example 2026-03-24T14:30:00.000Z
               */
              expiresAt: string;
              scopes: (
                | 'integrations:read'
                | 'integrations:write'
                | 'events:read'
                | 'deliveries:read'
                | 'deliveries:write'
              )[];
              portal: {
                title: string | null;
                logoUrl: string | null;
                primaryColor: string | null;
              } | null;
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
      /** @description Refused; the message says what to do about it */
      '5XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            success: false;
            error: {
              /** @enum {string} */
              code:
                | 'BAD_REQUEST'
                | 'UNAUTHORIZED'
                | 'FORBIDDEN'
                | 'NOT_FOUND'
                | 'METHOD_NOT_ALLOWED'
                | 'CONFLICT'
                | 'PAYLOAD_TOO_LARGE'
                | 'VALIDATION_ERROR'
                | 'TOO_MANY_REQUESTS'
                | 'INTERNAL_ERROR'
                | 'UNAVAILABLE';
              message: string;
              details?: {
                errors: {
                  path: string;
                  message: string;
                }[];
              };
            };
          };
        };
      };
    };
  };
}

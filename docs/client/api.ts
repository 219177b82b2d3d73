/** Types of the API, made from openapi.json by `assay openapi --write`. */

/**
 * An event in Assay's own form, in Amazon Fraud Detector's, or flat, with the names of the columns of files. What else it must hold is up to its event type.
 */
export type Event =
  | {
      eventId: string;
      eventType?: string;
      occurredAt: string;
      entities: {
        [k: string]: string;
      };
      variables?: {
        [k: string]: string | number | boolean | null;
      };
    }
  | {
      eventId: string;
      eventTypeName?: string;
      eventTimestamp: string;
      entities: {
        entityType: string;
        entityId: string;
      }[];
      eventVariables: {
        [k: string]: string;
      };
    }
  | {
      [k: string]: unknown;
    };
export type ListRequest =
  | {
      operation: 'replace';
      /**
       * @maxItems 100000
       */
      values?: (
        | string
        | {
            value: string;
            until: string;
          }
      )[];
      upload?: {
        key: string;
        sha256: string;
      };
      description?: string;
      of?: string | null;
    }
  | {
      operation: 'append';
      /**
       * @maxItems 100000
       */
      values?: (
        | string
        | {
            value: string;
            until: string;
          }
      )[];
      upload?: {
        key: string;
        sha256: string;
      };
    }
  | {
      operation: 'remove';
      /**
       * @maxItems 100000
       */
      values?: string[];
      upload?: {
        key: string;
        sha256: string;
      };
    };

export interface Paths {
  '/v1/decisions': {
    post: {
      parameters: {
        header?: {
          'assay-budget-ms'?: number;
        };
      };
      requestBody: {
        content: {
          'application/json': {
            event: Event;
            eventType?: string;
            detector?: string;
            detectorVersion?: number;
            explain?: boolean;
          };
        };
      };
      responses: {
        200: {
          content: {
            'application/json': DecideAnswer;
          };
        };
        400: {
          content: {
            'application/problem+json': Problem;
          };
        };
        401: {
          content: {
            'application/problem+json': Problem;
          };
        };
        403: {
          content: {
            'application/problem+json': Problem;
          };
        };
        404: {
          content: {
            'application/problem+json': Problem;
          };
        };
        409: {
          content: {
            'application/problem+json': Problem;
          };
        };
        413: {
          content: {
            'application/problem+json': Problem;
          };
        };
        415: {
          content: {
            'application/problem+json': Problem;
          };
        };
        422: {
          content: {
            'application/problem+json': Problem;
          };
        };
        429: {
          content: {
            'application/problem+json': Problem;
          };
        };
        500: {
          content: {
            'application/problem+json': Problem;
          };
        };
        503: {
          content: {
            'application/problem+json': Problem;
          };
        };
        504: {
          content: {
            'application/problem+json': Problem;
          };
        };
      };
    };
    get: {
      parameters: {
        query: {
          entityKind: string;
          entityId: string;
          limit?: number;
          next?: string;
        };
      };
      responses: {
        200: {
          content: {
            'application/json': {
              decisions: Decision[];
              next?: string;
            };
          };
        };
        400: {
          content: {
            'application/problem+json': Problem;
          };
        };
        401: {
          content: {
            'application/problem+json': Problem;
          };
        };
        403: {
          content: {
            'application/problem+json': Problem;
          };
        };
        413: {
          content: {
            'application/problem+json': Problem;
          };
        };
        415: {
          content: {
            'application/problem+json': Problem;
          };
        };
        429: {
          content: {
            'application/problem+json': Problem;
          };
        };
        500: {
          content: {
            'application/problem+json': Problem;
          };
        };
        503: {
          content: {
            'application/problem+json': Problem;
          };
        };
        504: {
          content: {
            'application/problem+json': Problem;
          };
        };
      };
    };
  };
  '/v1/decisions/{eventType}/{eventId}': {
    get: {
      parameters: {
        path: {
          eventType: string;
          eventId: string;
        };
        query?: {
          explain?: string;
        };
      };
      responses: {
        200: {
          content: {
            'application/json': {
              eventId: string;
              eventType: string;
              decisions: Decision[];
              feedback: Feedback[];
              standing:
                | {
                    kind: 'labelled';
                    label: string;
                    source: string;
                    saidAt: string;
                  }
                | {
                    kind: 'censored';
                  }
                | {
                    kind: 'unlabelled';
                  };
            };
          };
        };
        400: {
          content: {
            'application/problem+json': Problem;
          };
        };
        401: {
          content: {
            'application/problem+json': Problem;
          };
        };
        403: {
          content: {
            'application/problem+json': Problem;
          };
        };
        404: {
          content: {
            'application/problem+json': Problem;
          };
        };
        413: {
          content: {
            'application/problem+json': Problem;
          };
        };
        415: {
          content: {
            'application/problem+json': Problem;
          };
        };
        429: {
          content: {
            'application/problem+json': Problem;
          };
        };
        500: {
          content: {
            'application/problem+json': Problem;
          };
        };
        503: {
          content: {
            'application/problem+json': Problem;
          };
        };
        504: {
          content: {
            'application/problem+json': Problem;
          };
        };
      };
    };
  };
  '/v1/events': {
    post: {
      parameters: {
        header?: {
          'idempotency-key'?: string;
        };
      };
      requestBody: {
        content: {
          'application/json': {
            eventType?: string;
            /**
             * @minItems 1
             * @maxItems 500
             */
            events: Event[];
          };
        };
      };
      responses: {
        202: {
          content: {
            'application/json': {
              fileId: string;
              accepted: number;
              rejected: number;
              unavailable: number;
              results: (
                | {
                    index: number;
                    status: 'accepted' | 'unavailable';
                    eventId: string;
                  }
                | {
                    index: number;
                    status: 'rejected';
                    /**
                     * @minItems 1
                     */
                    problems: RowProblem[];
                  }
              )[];
            };
          };
        };
        400: {
          content: {
            'application/problem+json': Problem;
          };
        };
        401: {
          content: {
            'application/problem+json': Problem;
          };
        };
        403: {
          content: {
            'application/problem+json': Problem;
          };
        };
        404: {
          content: {
            'application/problem+json': Problem;
          };
        };
        409: {
          content: {
            'application/problem+json': Problem;
          };
        };
        413: {
          content: {
            'application/problem+json': Problem;
          };
        };
        415: {
          content: {
            'application/problem+json': Problem;
          };
        };
        422: {
          content: {
            'application/problem+json': Problem;
          };
        };
        429: {
          content: {
            'application/problem+json': Problem;
          };
        };
        500: {
          content: {
            'application/problem+json': Problem;
          };
        };
        503: {
          content: {
            'application/problem+json': Problem;
          };
        };
        504: {
          content: {
            'application/problem+json': Problem;
          };
        };
      };
    };
  };
  '/v1/files/{fileId}': {
    get: {
      parameters: {
        path: {
          fileId: string;
        };
      };
      responses: {
        200: {
          content: {
            'application/json': File;
          };
        };
        400: {
          content: {
            'application/problem+json': Problem;
          };
        };
        401: {
          content: {
            'application/problem+json': Problem;
          };
        };
        403: {
          content: {
            'application/problem+json': Problem;
          };
        };
        404: {
          content: {
            'application/problem+json': Problem;
          };
        };
        413: {
          content: {
            'application/problem+json': Problem;
          };
        };
        415: {
          content: {
            'application/problem+json': Problem;
          };
        };
        429: {
          content: {
            'application/problem+json': Problem;
          };
        };
        500: {
          content: {
            'application/problem+json': Problem;
          };
        };
        503: {
          content: {
            'application/problem+json': Problem;
          };
        };
        504: {
          content: {
            'application/problem+json': Problem;
          };
        };
      };
    };
  };
  '/v1/feedback': {
    post: {
      requestBody: {
        content: {
          'application/json':
            | {
                eventType?: string;
                /**
                 * @minItems 1
                 * @maxItems 500
                 */
                feedback: {
                  [k: string]: unknown;
                }[];
              }
            | {
                [k: string]: unknown;
              };
        };
      };
      responses: {
        200: {
          content: {
            'application/json': {
              results: (
                | {
                    index: number;
                    status: 'recorded' | 'duplicate';
                    feedbackId: string;
                    matched: boolean;
                  }
                | {
                    index: number;
                    status: 'rejected';
                    /**
                     * @minItems 1
                     */
                    problems: RowProblem[];
                  }
              )[];
            };
          };
        };
        400: {
          content: {
            'application/problem+json': Problem;
          };
        };
        401: {
          content: {
            'application/problem+json': Problem;
          };
        };
        403: {
          content: {
            'application/problem+json': Problem;
          };
        };
        404: {
          content: {
            'application/problem+json': Problem;
          };
        };
        413: {
          content: {
            'application/problem+json': Problem;
          };
        };
        415: {
          content: {
            'application/problem+json': Problem;
          };
        };
        422: {
          content: {
            'application/problem+json': Problem;
          };
        };
        429: {
          content: {
            'application/problem+json': Problem;
          };
        };
        500: {
          content: {
            'application/problem+json': Problem;
          };
        };
        503: {
          content: {
            'application/problem+json': Problem;
          };
        };
        504: {
          content: {
            'application/problem+json': Problem;
          };
        };
      };
    };
  };
  '/v1/catalog': {
    get: {
      responses: {
        200: {
          content: {
            'application/json': {
              revision: number;
              snapshot: string;
              eventTypes: {
                name: string;
                version: number;
              }[];
              detectors: {
                name: string;
                eventType: string;
                newest: number;
                active?: number;
                rulesOnly: boolean;
              }[];
              models: {
                name: string;
                versions: number[];
              }[];
              lists: {
                name: string;
                version: number;
                count: number;
                of?: string;
              }[];
            };
          };
        };
        400: {
          content: {
            'application/problem+json': Problem;
          };
        };
        401: {
          content: {
            'application/problem+json': Problem;
          };
        };
        403: {
          content: {
            'application/problem+json': Problem;
          };
        };
        413: {
          content: {
            'application/problem+json': Problem;
          };
        };
        415: {
          content: {
            'application/problem+json': Problem;
          };
        };
        429: {
          content: {
            'application/problem+json': Problem;
          };
        };
        500: {
          content: {
            'application/problem+json': Problem;
          };
        };
        503: {
          content: {
            'application/problem+json': Problem;
          };
        };
        504: {
          content: {
            'application/problem+json': Problem;
          };
        };
      };
    };
  };
  '/v1/catalog/event-types/{name}': {
    get: {
      parameters: {
        path: {
          name: string;
        };
      };
      responses: {
        200: {
          content: {
            'application/json': {
              name: string;
              version: number;
              document: EventTypeOutput;
              versions: {
                version: number;
                hash: string;
                registeredAt: string;
                writtenBy: string;
              }[];
            };
          };
        };
        400: {
          content: {
            'application/problem+json': Problem;
          };
        };
        401: {
          content: {
            'application/problem+json': Problem;
          };
        };
        403: {
          content: {
            'application/problem+json': Problem;
          };
        };
        404: {
          content: {
            'application/problem+json': Problem;
          };
        };
        413: {
          content: {
            'application/problem+json': Problem;
          };
        };
        415: {
          content: {
            'application/problem+json': Problem;
          };
        };
        429: {
          content: {
            'application/problem+json': Problem;
          };
        };
        500: {
          content: {
            'application/problem+json': Problem;
          };
        };
        503: {
          content: {
            'application/problem+json': Problem;
          };
        };
        504: {
          content: {
            'application/problem+json': Problem;
          };
        };
      };
    };
    put: {
      parameters: {
        path: {
          name: string;
        };
        header?: {
          'if-match'?: string;
          'if-none-match'?: '*';
        };
      };
      requestBody: {
        content: {
          'application/json': EventType;
        };
      };
      responses: {
        200: {
          content: {
            'application/json': Changed;
          };
        };
        400: {
          content: {
            'application/problem+json': Problem;
          };
        };
        401: {
          content: {
            'application/problem+json': Problem;
          };
        };
        403: {
          content: {
            'application/problem+json': Problem;
          };
        };
        409: {
          content: {
            'application/problem+json': Problem;
          };
        };
        412: {
          content: {
            'application/problem+json': Problem;
          };
        };
        413: {
          content: {
            'application/problem+json': Problem;
          };
        };
        415: {
          content: {
            'application/problem+json': Problem;
          };
        };
        429: {
          content: {
            'application/problem+json': Problem;
          };
        };
        500: {
          content: {
            'application/problem+json': Problem;
          };
        };
        503: {
          content: {
            'application/problem+json': Problem;
          };
        };
        504: {
          content: {
            'application/problem+json': Problem;
          };
        };
      };
    };
  };
  '/v1/catalog/models/{name}': {
    get: {
      parameters: {
        path: {
          name: string;
        };
      };
      responses: {
        200: {
          content: {
            'application/json': {
              name: string;
              version: number;
              document: Model;
              sha256: string;
              versions: {
                version: number;
                hash: string;
                registeredAt: string;
                writtenBy: string;
              }[];
            };
          };
        };
        400: {
          content: {
            'application/problem+json': Problem;
          };
        };
        401: {
          content: {
            'application/problem+json': Problem;
          };
        };
        403: {
          content: {
            'application/problem+json': Problem;
          };
        };
        404: {
          content: {
            'application/problem+json': Problem;
          };
        };
        413: {
          content: {
            'application/problem+json': Problem;
          };
        };
        415: {
          content: {
            'application/problem+json': Problem;
          };
        };
        429: {
          content: {
            'application/problem+json': Problem;
          };
        };
        500: {
          content: {
            'application/problem+json': Problem;
          };
        };
        503: {
          content: {
            'application/problem+json': Problem;
          };
        };
        504: {
          content: {
            'application/problem+json': Problem;
          };
        };
      };
    };
    put: {
      parameters: {
        path: {
          name: string;
        };
        header?: {
          'if-match'?: string;
          'if-none-match'?: '*';
        };
      };
      requestBody: {
        content: {
          'application/json': {
            document: Model;
            file:
              | {
                  base64: string;
                }
              | {
                  upload: {
                    key: string;
                    sha256: string;
                  };
                };
          };
        };
      };
      responses: {
        200: {
          content: {
            'application/json': Changed;
          };
        };
        400: {
          content: {
            'application/problem+json': Problem;
          };
        };
        401: {
          content: {
            'application/problem+json': Problem;
          };
        };
        403: {
          content: {
            'application/problem+json': Problem;
          };
        };
        409: {
          content: {
            'application/problem+json': Problem;
          };
        };
        412: {
          content: {
            'application/problem+json': Problem;
          };
        };
        413: {
          content: {
            'application/problem+json': Problem;
          };
        };
        415: {
          content: {
            'application/problem+json': Problem;
          };
        };
        429: {
          content: {
            'application/problem+json': Problem;
          };
        };
        500: {
          content: {
            'application/problem+json': Problem;
          };
        };
        503: {
          content: {
            'application/problem+json': Problem;
          };
        };
        504: {
          content: {
            'application/problem+json': Problem;
          };
        };
      };
    };
  };
  '/v1/catalog/detectors/{name}': {
    get: {
      parameters: {
        path: {
          name: string;
        };
        query?: {
          version?: number;
        };
      };
      responses: {
        200: {
          content: {
            'application/json': {
              name: string;
              version: number;
              document: DetectorOutput;
              active?: number;
              rulesOnly: boolean;
              reference?: string;
              versions: {
                version: number;
                hash: string;
                registeredAt: string;
                writtenBy: string;
              }[];
            };
          };
        };
        400: {
          content: {
            'application/problem+json': Problem;
          };
        };
        401: {
          content: {
            'application/problem+json': Problem;
          };
        };
        403: {
          content: {
            'application/problem+json': Problem;
          };
        };
        404: {
          content: {
            'application/problem+json': Problem;
          };
        };
        413: {
          content: {
            'application/problem+json': Problem;
          };
        };
        415: {
          content: {
            'application/problem+json': Problem;
          };
        };
        429: {
          content: {
            'application/problem+json': Problem;
          };
        };
        500: {
          content: {
            'application/problem+json': Problem;
          };
        };
        503: {
          content: {
            'application/problem+json': Problem;
          };
        };
        504: {
          content: {
            'application/problem+json': Problem;
          };
        };
      };
    };
    put: {
      parameters: {
        path: {
          name: string;
        };
        header?: {
          'if-match'?: string;
          'if-none-match'?: '*';
        };
      };
      requestBody: {
        content: {
          'application/json': Detector;
        };
      };
      responses: {
        200: {
          content: {
            'application/json': Changed;
          };
        };
        400: {
          content: {
            'application/problem+json': Problem;
          };
        };
        401: {
          content: {
            'application/problem+json': Problem;
          };
        };
        403: {
          content: {
            'application/problem+json': Problem;
          };
        };
        409: {
          content: {
            'application/problem+json': Problem;
          };
        };
        412: {
          content: {
            'application/problem+json': Problem;
          };
        };
        413: {
          content: {
            'application/problem+json': Problem;
          };
        };
        415: {
          content: {
            'application/problem+json': Problem;
          };
        };
        429: {
          content: {
            'application/problem+json': Problem;
          };
        };
        500: {
          content: {
            'application/problem+json': Problem;
          };
        };
        503: {
          content: {
            'application/problem+json': Problem;
          };
        };
        504: {
          content: {
            'application/problem+json': Problem;
          };
        };
      };
    };
  };
  '/v1/catalog/detectors/{name}/activation': {
    put: {
      parameters: {
        path: {
          name: string;
        };
        header?: {
          'if-match'?: string;
          'if-none-match'?: '*';
        };
      };
      requestBody: {
        content: {
          'application/json': {
            version?: number | null;
            reference?: Reference;
          };
        };
      };
      responses: {
        200: {
          content: {
            'application/json': Changed;
          };
        };
        400: {
          content: {
            'application/problem+json': Problem;
          };
        };
        401: {
          content: {
            'application/problem+json': Problem;
          };
        };
        403: {
          content: {
            'application/problem+json': Problem;
          };
        };
        404: {
          content: {
            'application/problem+json': Problem;
          };
        };
        409: {
          content: {
            'application/problem+json': Problem;
          };
        };
        412: {
          content: {
            'application/problem+json': Problem;
          };
        };
        413: {
          content: {
            'application/problem+json': Problem;
          };
        };
        415: {
          content: {
            'application/problem+json': Problem;
          };
        };
        429: {
          content: {
            'application/problem+json': Problem;
          };
        };
        500: {
          content: {
            'application/problem+json': Problem;
          };
        };
        503: {
          content: {
            'application/problem+json': Problem;
          };
        };
        504: {
          content: {
            'application/problem+json': Problem;
          };
        };
      };
    };
  };
  '/v1/catalog/references/{name}': {
    put: {
      parameters: {
        path: {
          name: string;
        };
        header?: {
          'if-match'?: string;
          'if-none-match'?: '*';
        };
      };
      requestBody: {
        content: {
          'application/json': Reference;
        };
      };
      responses: {
        200: {
          content: {
            'application/json': Changed;
          };
        };
        400: {
          content: {
            'application/problem+json': Problem;
          };
        };
        401: {
          content: {
            'application/problem+json': Problem;
          };
        };
        403: {
          content: {
            'application/problem+json': Problem;
          };
        };
        404: {
          content: {
            'application/problem+json': Problem;
          };
        };
        409: {
          content: {
            'application/problem+json': Problem;
          };
        };
        412: {
          content: {
            'application/problem+json': Problem;
          };
        };
        413: {
          content: {
            'application/problem+json': Problem;
          };
        };
        415: {
          content: {
            'application/problem+json': Problem;
          };
        };
        429: {
          content: {
            'application/problem+json': Problem;
          };
        };
        500: {
          content: {
            'application/problem+json': Problem;
          };
        };
        503: {
          content: {
            'application/problem+json': Problem;
          };
        };
        504: {
          content: {
            'application/problem+json': Problem;
          };
        };
      };
    };
  };
  '/v1/lists/{name}': {
    get: {
      parameters: {
        path: {
          name: string;
        };
      };
      responses: {
        200: {
          content: {
            'application/json': {
              name: string;
              version: number;
              description?: string;
              of?: string;
              count: number;
              keys?: number;
              versions: {
                version: number;
                hash: string;
                registeredAt: string;
                writtenBy: string;
              }[];
            };
          };
        };
        400: {
          content: {
            'application/problem+json': Problem;
          };
        };
        401: {
          content: {
            'application/problem+json': Problem;
          };
        };
        403: {
          content: {
            'application/problem+json': Problem;
          };
        };
        404: {
          content: {
            'application/problem+json': Problem;
          };
        };
        413: {
          content: {
            'application/problem+json': Problem;
          };
        };
        415: {
          content: {
            'application/problem+json': Problem;
          };
        };
        429: {
          content: {
            'application/problem+json': Problem;
          };
        };
        500: {
          content: {
            'application/problem+json': Problem;
          };
        };
        503: {
          content: {
            'application/problem+json': Problem;
          };
        };
        504: {
          content: {
            'application/problem+json': Problem;
          };
        };
      };
    };
    put: {
      parameters: {
        path: {
          name: string;
        };
        header?: {
          'if-match'?: string;
          'if-none-match'?: '*';
        };
      };
      requestBody: {
        content: {
          'application/json': ListRequest;
        };
      };
      responses: {
        200: {
          content: {
            'application/json': Changed;
          };
        };
        400: {
          content: {
            'application/problem+json': Problem;
          };
        };
        401: {
          content: {
            'application/problem+json': Problem;
          };
        };
        403: {
          content: {
            'application/problem+json': Problem;
          };
        };
        404: {
          content: {
            'application/problem+json': Problem;
          };
        };
        409: {
          content: {
            'application/problem+json': Problem;
          };
        };
        412: {
          content: {
            'application/problem+json': Problem;
          };
        };
        413: {
          content: {
            'application/problem+json': Problem;
          };
        };
        415: {
          content: {
            'application/problem+json': Problem;
          };
        };
        429: {
          content: {
            'application/problem+json': Problem;
          };
        };
        500: {
          content: {
            'application/problem+json': Problem;
          };
        };
        503: {
          content: {
            'application/problem+json': Problem;
          };
        };
        504: {
          content: {
            'application/problem+json': Problem;
          };
        };
      };
    };
  };
  '/v1/switches/{detector}': {
    get: {
      parameters: {
        path: {
          detector: string;
        };
      };
      responses: {
        200: {
          content: {
            'application/json': {
              name: string;
              rulesOnly: boolean;
            };
          };
        };
        400: {
          content: {
            'application/problem+json': Problem;
          };
        };
        401: {
          content: {
            'application/problem+json': Problem;
          };
        };
        403: {
          content: {
            'application/problem+json': Problem;
          };
        };
        404: {
          content: {
            'application/problem+json': Problem;
          };
        };
        413: {
          content: {
            'application/problem+json': Problem;
          };
        };
        415: {
          content: {
            'application/problem+json': Problem;
          };
        };
        429: {
          content: {
            'application/problem+json': Problem;
          };
        };
        500: {
          content: {
            'application/problem+json': Problem;
          };
        };
        503: {
          content: {
            'application/problem+json': Problem;
          };
        };
        504: {
          content: {
            'application/problem+json': Problem;
          };
        };
      };
    };
    put: {
      parameters: {
        path: {
          detector: string;
        };
        header?: {
          'if-match'?: string;
          'if-none-match'?: '*';
        };
      };
      requestBody: {
        content: {
          'application/json': {
            rulesOnly: boolean;
          };
        };
      };
      responses: {
        200: {
          content: {
            'application/json': Changed;
          };
        };
        400: {
          content: {
            'application/problem+json': Problem;
          };
        };
        401: {
          content: {
            'application/problem+json': Problem;
          };
        };
        403: {
          content: {
            'application/problem+json': Problem;
          };
        };
        404: {
          content: {
            'application/problem+json': Problem;
          };
        };
        409: {
          content: {
            'application/problem+json': Problem;
          };
        };
        412: {
          content: {
            'application/problem+json': Problem;
          };
        };
        413: {
          content: {
            'application/problem+json': Problem;
          };
        };
        415: {
          content: {
            'application/problem+json': Problem;
          };
        };
        429: {
          content: {
            'application/problem+json': Problem;
          };
        };
        500: {
          content: {
            'application/problem+json': Problem;
          };
        };
        503: {
          content: {
            'application/problem+json': Problem;
          };
        };
        504: {
          content: {
            'application/problem+json': Problem;
          };
        };
      };
    };
  };
}
/**
 * The decisions on one event.
 */
export interface DecideAnswer {
  eventId: string;
  eventType: string;
  decisions: Decision[];
}
/**
 * The durable record of one event judged by one detector, as far as callers see it.
 */
export interface Decision {
  eventId: string;
  eventType: string;
  detector: string;
  /**
   * Version of the detector; a version's content never changes.
   */
  version: number;
  /**
   * What the rules say to do, such as approve, review or decline.
   */
  outcomes: string[];
  /**
   * 0 to 1000, a fixed function of the false-positive rate: 900 is 2 %, 950 is 1 %, 975 is 0.5 %. Absent without a model that answered, or without a reference.
   */
  score?: number;
  /**
   * 0 to 1, calibrated. Absent without a model that answered.
   */
  probability?: number;
  /**
   * Rules that matched, each with a sentence for a person.
   */
  reasons: {
    rule: string;
    text: string;
  }[];
  /**
   * How much of the ensemble answered, from full down to the fallback outcome.
   */
  rung: 'full' | 'survivors' | 'embedded' | 'rules' | 'fallback';
  /**
   * What was missing, why, and the milliseconds spent on it.
   */
  degraded: {
    what: string;
    why:
      | 'timeout'
      | 'unavailable'
      | 'throttled'
      | 'bad_answer'
      | 'breaker_open'
      | 'out_of_time'
      | 'kill_switch'
      | 'not_loaded'
      | 'too_large'
      | 'fault';
    spentMs: number;
  }[];
  /**
   * Whether the decision is durable already; pending ones are recorded from a queue.
   */
  recorded: 'committed' | 'pending';
  decidedAt: string;
  explanation?: Explanation;
}
/**
 * All that the decision was made from; only when asked for.
 */
export interface Explanation {
  eventTypeVersion: number;
  snapshot: string;
  features: {
    [k: string]: string | number | boolean | null;
  };
  members: {
    member: string;
    kind: 'embedded' | 'sagemaker';
    model: string;
    modelHash?: string;
    probability?: number;
  }[];
  lists: {
    [k: string]: number;
  };
  rules: {
    id: string;
    expression: string;
    expressionWithValues: string;
    evaluated: boolean;
    matched: boolean;
    outcomes: string[];
    faults: string[];
  }[];
}
/**
 * An error, after RFC 9457. It never repeats a value of the request.
 */
export interface Problem {
  type: string;
  title: string;
  status: number;
  /**
   * What programs go by; the list is closed.
   */
  code:
    | 'invalid_input'
    | 'too_large'
    | 'unsupported_format'
    | 'card_number_refused'
    | 'unauthorised'
    | 'forbidden'
    | 'not_found'
    | 'conflict'
    | 'precondition_failed'
    | 'throttled'
    | 'catalog_unavailable'
    | 'model_unavailable'
    | 'store_unavailable'
    | 'deadline_exceeded'
    | 'internal';
  /**
   * What is wrong, and what to do about it.
   */
  detail: string;
  /**
   * What to name when reporting it.
   */
  requestId: string;
  /**
   * The fields at fault, twenty at most.
   */
  fields?: {
    field: string;
    problem: string;
  }[];
}
/**
 * One thing that was said of an event.
 */
export interface Feedback {
  /**
   * Hash of all that was said, so that saying it again is recognised.
   */
  feedbackId: string;
  /**
   * label: what it turned out to be; action: what was really done with it.
   */
  kind: 'label' | 'action';
  value: string;
  source: string;
  happenedAt?: string;
  /**
   * When it was said; a label counts from then on.
   */
  saidAt: string;
  receivedAt: string;
}
/**
 * One thing that is wrong with an event or an entry, with a code to count by.
 */
export interface RowProblem {
  field: string;
  problem: string;
  reason: string;
}
/**
 * How a file, or a batch sent by API, stands.
 */
export interface File {
  fileId: string;
  purpose: 'events' | 'feedback';
  eventType: string;
  status: 'reading' | 'settling' | 'complete' | 'quarantined';
  /**
   * Why the whole file is in quarantine.
   */
  reason?: string;
  /**
   * What to do about it.
   */
  problem?: string;
  /**
   * Key of the object in the inbox; absent for a batch.
   */
  key?: string;
  startedAt: string;
  completedAt?: string;
  /**
   * Rows read so far.
   */
  rows: number;
  /**
   * How rows ended. Once complete they add up to the rows.
   */
  counts: {
    decided: number;
    duplicate: number;
    conflict: number;
    quarantined: number;
    dead: number;
  };
  outcomes: {
    [k: string]: number;
  };
  rules: {
    [k: string]: number;
  };
  quarantineReasons: {
    [k: string]: number;
  };
  degraded: number;
  ignoredColumns?: string[];
  /**
   * Rows that did not end, or below zero ended twice: a fault of Assay.
   */
  imbalance?: number;
  /**
   * Object in the results bucket with the end of every row.
   */
  resultsKey?: string;
  /**
   * Object in the results bucket with every row in quarantine.
   */
  rejectsKey?: string;
}
export interface EventTypeOutput {
  format: 1;
  eventType: string;
  version?: number;
  description?: string;
  purpose: string;
  entities: {
    [k: string]: string;
  };
  /**
   * @maxItems 10
   */
  people?: string[];
  variables: {
    [k: string]:
      | {
          type: 'string' | 'category' | 'email' | 'ip' | 'phone' | 'card_bin' | 'user_agent' | 'text';
          personal:
            | boolean
            | {
                of: string;
              };
          required: boolean;
          description?: string;
          default?: string;
          maxLength: number;
          cardNumbers: 'refuse' | 'exempt';
        }
      | {
          type: 'number' | 'integer';
          personal:
            | boolean
            | {
                of: string;
              };
          required: boolean;
          description?: string;
          default?: number;
          min?: number;
          max?: number;
        }
      | {
          type: 'money';
          personal:
            | boolean
            | {
                of: string;
              };
          required: boolean;
          description?: string;
          default?: number;
          min?: number;
          max?: number;
          currency?: string;
        }
      | {
          type: 'boolean';
          personal:
            | boolean
            | {
                of: string;
              };
          required: boolean;
          description?: string;
          default?: boolean;
        }
      | {
          type: 'datetime';
          personal:
            | boolean
            | {
                of: string;
              };
          required: boolean;
          description?: string;
          default?: string;
        };
  };
  features?: {
    [k: string]: {
      description?: string;
      count?: true;
      sum?: string;
      mean?: string;
      min?: string;
      max?: string;
      stddev?: string;
      distinct?: string;
      rate?:
        | string
        | {
            detector: string;
            outcome: string;
          };
      since_last?: true;
      since_first?: true;
      is_new?: true;
      last?: string;
      per?: string | string[];
      of?: string;
      roles?: {
        [k: string]: string;
      };
      window?: string;
      where?: string;
      delay?: string;
      half_life?: string;
      current?: 'included' | 'excluded';
      prior?: number;
      weight?: number;
      decimals?: number;
      hot?: 'stream';
      value?: string;
      transform?:
        | 'email_domain'
        | 'email_is_free'
        | 'email_digits'
        | 'email_length'
        | 'email_name_likeness'
        | 'ip_version'
        | 'ip_is_private'
        | 'ip_network'
        | 'phone_country'
        | 'card_prefix'
        | 'card_network'
        | 'user_agent_family'
        | 'user_agent_system'
        | 'text_length'
        | 'text_words'
        | 'text_shape'
        | 'text_digits'
        | 'text_capitals'
        | 'category';
      with?: string;
      /**
       * @minItems 1
       * @maxItems 100
       */
      levels?: string[];
    };
  };
  labels: {
    /**
     * @minItems 1
     */
    [k: string]: string[];
  };
  labelSources: string[];
  ordering: 'strict' | 'relaxed';
  columns: {
    [k: string]: string;
  };
}
export interface EventType {
  format: 1;
  eventType: string;
  version?: number;
  description?: string;
  purpose: string;
  entities: {
    [k: string]: string;
  };
  /**
   * @maxItems 10
   */
  people?: string[];
  variables: {
    [k: string]:
      | {
          type: 'string' | 'category' | 'email' | 'ip' | 'phone' | 'card_bin' | 'user_agent' | 'text';
          personal?:
            | boolean
            | {
                of: string;
              };
          required?: boolean;
          description?: string;
          default?: string;
          maxLength?: number;
          cardNumbers?: 'refuse' | 'exempt';
        }
      | {
          type: 'number' | 'integer';
          personal?:
            | boolean
            | {
                of: string;
              };
          required?: boolean;
          description?: string;
          default?: number;
          min?: number;
          max?: number;
        }
      | {
          type: 'money';
          personal?:
            | boolean
            | {
                of: string;
              };
          required?: boolean;
          description?: string;
          default?: number;
          min?: number;
          max?: number;
          currency?: string;
        }
      | {
          type: 'boolean';
          personal?:
            | boolean
            | {
                of: string;
              };
          required?: boolean;
          description?: string;
          default?: boolean;
        }
      | {
          type: 'datetime';
          personal?:
            | boolean
            | {
                of: string;
              };
          required?: boolean;
          description?: string;
          default?: string;
        };
  };
  features?: {
    [k: string]: {
      description?: string;
      count?: true;
      sum?: string;
      mean?: string;
      min?: string;
      max?: string;
      stddev?: string;
      distinct?: string;
      rate?:
        | string
        | {
            detector: string;
            outcome: string;
          };
      since_last?: true;
      since_first?: true;
      is_new?: true;
      last?: string;
      per?: string | string[];
      of?: string;
      roles?: {
        [k: string]: string;
      };
      window?: string;
      where?: string;
      delay?: string;
      half_life?: string;
      current?: 'included' | 'excluded';
      prior?: number;
      weight?: number;
      decimals?: number;
      hot?: 'stream';
      value?: string;
      transform?:
        | 'email_domain'
        | 'email_is_free'
        | 'email_digits'
        | 'email_length'
        | 'email_name_likeness'
        | 'ip_version'
        | 'ip_is_private'
        | 'ip_network'
        | 'phone_country'
        | 'card_prefix'
        | 'card_network'
        | 'user_agent_family'
        | 'user_agent_system'
        | 'text_length'
        | 'text_words'
        | 'text_shape'
        | 'text_digits'
        | 'text_capitals'
        | 'category';
      with?: string;
      /**
       * @minItems 1
       * @maxItems 100
       */
      levels?: string[];
    };
  };
  labels?: {
    /**
     * @minItems 1
     */
    [k: string]: (string | number | boolean)[];
  };
  labelSources?: string[];
  ordering?: 'strict' | 'relaxed';
  columns?: {
    [k: string]: string;
  };
}
export interface Changed {
  name: string;
  changed: boolean;
  revision: number;
  snapshot: string;
  version?: number;
  active?: number;
  count?: number;
  rulesOnly?: boolean;
}
export interface Model {
  format: 1;
  model: string;
  version?: number;
  description?: string;
  eventType: string;
  kind: 'xgboost';
  file: string;
  /**
   * @minItems 1
   * @maxItems 1000
   */
  inputs: (
    | {
        name: string;
        kind: 'number';
      }
    | {
        name: string;
        kind: 'boolean';
      }
    | {
        name: string;
        kind: 'category';
        /**
         * @minItems 1
         */
        levels: string[];
      }
  )[];
}
export interface DetectorOutput {
  format: 1;
  detector: string;
  version?: number;
  status: 'active' | 'standby';
  description?: string;
  eventType: string;
  /**
   * @maxItems 10
   */
  members: (
    | {
        name: string;
        kind: 'embedded';
        model: string;
        version?: number;
        weight: number;
      }
    | {
        name: string;
        kind: 'sagemaker';
        endpoint: string;
        /**
         * @minItems 1
         * @maxItems 1000
         */
        inputs: string[];
        timeoutMs: number;
        request: 'csv' | 'json';
        answerPath?: string;
        weight: number;
      }
  )[];
  ensemble: {
    combine: 'mean_logit' | 'weighted' | 'max';
  };
  rules: {
    mode: 'first_matched' | 'all_matched';
    /**
     * @maxItems 200
     */
    list: {
      id: string;
      description?: string;
      when: string;
      /**
       * @minItems 1
       * @maxItems 10
       */
      outcomes: string[];
    }[];
    /**
     * @minItems 1
     */
    otherwise: string[];
  };
  /**
   * @minItems 1
   */
  fallback?: string[];
  whenDegraded?: {
    from: 'survivors' | 'embedded' | 'rules';
    /**
     * @minItems 1
     */
    outcomes: string[];
  };
}
export interface Detector {
  format: 1;
  detector: string;
  version?: number;
  status?: 'active' | 'standby';
  description?: string;
  eventType: string;
  /**
   * @maxItems 10
   */
  members?: (
    | {
        name: string;
        kind: 'embedded';
        model: string;
        version?: number;
        weight?: number;
      }
    | {
        name: string;
        kind: 'sagemaker';
        endpoint: string;
        /**
         * @minItems 1
         * @maxItems 1000
         */
        inputs: string[];
        timeoutMs?: number;
        request?: 'csv' | 'json';
        answerPath?: string;
        weight?: number;
      }
  )[];
  ensemble?: {
    combine: 'mean_logit' | 'weighted' | 'max';
  };
  rules: {
    mode?: 'first_matched' | 'all_matched';
    /**
     * @maxItems 200
     */
    list?: {
      id: string;
      description?: string;
      when: string;
      /**
       * @minItems 1
       * @maxItems 10
       */
      outcomes: string[];
    }[];
    /**
     * @minItems 1
     */
    otherwise: string[];
  };
  /**
   * @minItems 1
   */
  fallback?: string[];
  whenDegraded?: {
    from: 'survivors' | 'embedded' | 'rules';
    /**
     * @minItems 1
     */
    outcomes: string[];
  };
}
export interface Reference {
  format: 1;
  detector: string;
  combine: 'mean_logit' | 'weighted' | 'max';
  /**
   * @minItems 1
   * @maxItems 10
   */
  members: {
    name: string;
    modelHash?: string;
    weight: number;
  }[];
  events: number;
  sets: {
    [k: string]: {
      /**
       * @minItems 1
       * @maxItems 1000
       */
      margins: number[];
      /**
       * @minItems 1
       * @maxItems 1000
       */
      atOrAbove: number[];
      calibration:
        | {
            kind: 'none';
          }
        | {
            kind: 'platt';
            a: number;
            b: number;
          };
    };
  };
}

/** The kinds of fields that the built-in types have, as JSON Schema. */

type Field = Readonly<Record<string, unknown>>;

/** An id, as the platform that publishes writes its own. */
export function id(of: string): Field {
  return { type: 'string', minLength: 1, description: `Id of the ${of}` };
}

export function text(description: string): Field {
  return { type: 'string', description };
}

/** A word of a set that may grow, so the words are examples and not all there are. */
export function word(description: string, ...examples: readonly string[]): Field {
  return { type: 'string', minLength: 1, description, examples };
}

export function words(description: string): Field {
  return { type: 'array', items: { type: 'string', minLength: 1 }, description };
}

export function moment(description: string): Field {
  return { type: 'string', format: 'date-time', description };
}

export function email(description: string): Field {
  return { type: 'string', format: 'email', description };
}

/** A whole number from 0. */
export function count(description: string): Field {
  return { type: 'integer', minimum: 0, description };
}

export function amount(description: string): Field {
  return { type: 'number', description };
}

export function flag(description: string): Field {
  return { type: 'boolean', description };
}

/** What changed, by field, each with its value before and after. */
export const changes: Field = {
  type: 'object',
  description: 'The fields that changed, each with its value before and after',
  additionalProperties: {
    type: 'object',
    properties: { from: { description: 'Before' }, to: { description: 'After' } },
  },
};

export const channelKind = word('Kind of channel', 'whatsapp', 'telegram', 'email', 'sms', 'webchat');

/** What OpenAPI has no word for, in operations of webhooks. */
export const EXTENSIONS = {
  validation: 'x-velahook-validation',
  deprecationNote: 'x-velahook-deprecation-note',
  replacedBy: 'x-velahook-replaced-by',
} as const;

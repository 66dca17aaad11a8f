/**
 * The state to show, of `deliveries d` and its `subscriptions s`: pending of an older generation is cancelled, though
 * nobody has come to write it down yet.
 */
export const SHOWN_STATE = `iif(d.state = 'pending' AND d.generation <> s.generation, 'cancelled', d.state)`;

// npm install standardwebhooks
import { Webhook } from 'standardwebhooks';

// rawBody: the text as it arrived, before any parsing (Express: express.raw, then toString()).
// Throws a WebhookVerificationError when it does not come from us, or is older than five minutes.
export function readEvent(rawBody, headers, secret) {
  return new Webhook(secret).verify(rawBody, headers);
}

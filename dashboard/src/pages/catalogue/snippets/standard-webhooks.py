# pip install standardwebhooks
from standardwebhooks import Webhook


# raw_body: the bytes as they arrived, before any parsing (Flask: request.get_data(), Django: request.body).
# Raises a WebhookVerificationError when it does not come from us, or is older than five minutes.
def read_event(raw_body: bytes, headers, secret: str):
    return Webhook(secret).verify(raw_body, dict(headers))

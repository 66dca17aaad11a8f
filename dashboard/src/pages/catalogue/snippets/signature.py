import hashlib
import hmac


# raw_body: the bytes as they arrived, before any parsing (Flask: request.get_data(), Django: request.body).
def is_genuine(raw_body: bytes, headers, secret: str) -> bool:
    expected = "sha256=" + hmac.new(secret.encode(), raw_body, hashlib.sha256).hexdigest()
    given = headers.get("X-Webhook-Signature", "")
    return hmac.compare_digest(given.encode(), expected.encode())

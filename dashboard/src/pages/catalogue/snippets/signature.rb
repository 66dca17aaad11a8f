require "openssl"

# raw_body: the bytes as they arrived, before any parsing (Rails: request.raw_post, Rack: request.body.read).
# signature: the header X-Webhook-Signature (Rails: request.headers["X-Webhook-Signature"]).
def genuine?(raw_body, signature, secret)
  expected = "sha256=" + OpenSSL::HMAC.hexdigest("SHA256", secret, raw_body)
  OpenSSL.secure_compare(signature.to_s, expected)
end

# gem install standardwebhooks
require "standardwebhooks"

# raw_body: the bytes as they arrived, before any parsing (Rails: request.raw_post, Rack: request.body.read).
# headers: those of the request, by their names in lower case; request.headers of Rails will do.
# Raises a StandardWebhooks::WebhookVerificationError when it does not come from us, or is older than five minutes.
def read_event(raw_body, headers, secret)
  StandardWebhooks::Webhook.new(secret).verify(raw_body, headers)
end

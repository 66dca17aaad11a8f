package receiver

import (
	"net/http"

	// go get github.com/standard-webhooks/standard-webhooks/libraries
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Verify fails when a request does not come from us, or is older than five minutes.
// rawBody is what io.ReadAll(r.Body) gave, before any parsing.
func Verify(rawBody []byte, headers http.Header, secret string) error {
	webhook, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		return err
	}
	return webhook.Verify(rawBody, headers)
}

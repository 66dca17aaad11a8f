package receiver

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
)

// IsGenuine tells whether a request comes from us. rawBody is what io.ReadAll(r.Body) gave, before any parsing.
func IsGenuine(rawBody []byte, headers http.Header, secret string) bool {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(rawBody)
	expected := "sha256=" + hex.EncodeToString(mac.Sum(nil))
	return hmac.Equal([]byte(headers.Get("X-Webhook-Signature")), []byte(expected))
}

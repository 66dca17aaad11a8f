// dotnet add package StandardWebhooks
using System.Net;
using Microsoft.AspNetCore.Http;
using StandardWebhooks;

static class Events
{
    // rawBody: the text as it arrived, before any parsing, read as UTF-8.
    // Throws a WebhookVerificationException when it does not come from us, or is older than five minutes.
    public static void Verify(string rawBody, IHeaderDictionary given, string secret)
    {
        var headers = new WebHeaderCollection();
        foreach (var name in new[] { "webhook-id", "webhook-timestamp", "webhook-signature" })
            headers[name] = given[name];
        new Webhook(secret).Verify(rawBody, headers);
    }
}

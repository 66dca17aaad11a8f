// Maven: com.standardwebhooks:standardwebhooks
import com.standardwebhooks.Webhook;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Map;

final class Events {
    // rawBody: the text as it arrived, before any parsing, read as UTF-8.
    // headers: those of the request (Spring: @RequestHeader HttpHeaders is such a map).
    // Throws a WebhookVerificationException when it does not come from us, or is older than five minutes.
    static void verify(String rawBody, Map<String, List<String>> headers, String secret) throws Exception {
        new Webhook(secret).verify(rawBody, HttpHeaders.of(headers, (name, value) -> true));
    }
}

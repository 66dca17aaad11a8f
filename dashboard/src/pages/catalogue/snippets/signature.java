import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

final class Signatures {
    // rawBody: the bytes as they arrived, before any parsing (Spring: @RequestBody byte[]).
    // signature: the header X-Webhook-Signature; null when there is none.
    static boolean isGenuine(byte[] rawBody, String signature, String secret) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
        String expected = "sha256=" + HexFormat.of().formatHex(mac.doFinal(rawBody));
        return signature != null && MessageDigest.isEqual(signature.getBytes(UTF_8), expected.getBytes(UTF_8));
    }
}

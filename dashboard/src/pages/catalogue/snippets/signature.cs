using System.Security.Cryptography;
using System.Text;

static class Signatures
{
    // rawBody: the bytes as they arrived, before any parsing (ASP.NET: copy Request.Body to a MemoryStream).
    // signature: Request.Headers["X-Webhook-Signature"].
    public static bool IsGenuine(byte[] rawBody, string? signature, string secret)
    {
        var hash = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), rawBody);
        var expected = "sha256=" + Convert.ToHexString(hash).ToLowerInvariant();
        return CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(signature ?? ""),
            Encoding.UTF8.GetBytes(expected));
    }
}

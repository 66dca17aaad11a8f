<?php

// $rawBody: file_get_contents('php://input'), before any parsing.
// $signature: $_SERVER['HTTP_X_WEBHOOK_SIGNATURE'] ?? ''.
function isGenuine(string $rawBody, string $signature, string $secret): bool
{
    $expected = 'sha256=' . hash_hmac('sha256', $rawBody, $secret);
    return hash_equals($expected, $signature);
}

<?php

// composer require standard-webhooks/standard-webhooks
use StandardWebhooks\Webhook;

// $rawBody: file_get_contents('php://input'), before any parsing.
// Throws a WebhookVerificationException when it does not come from us, or is older than five minutes.
function readEvent(string $rawBody, string $secret): array
{
    return (new Webhook($secret))->verify($rawBody, [
        'webhook-id' => $_SERVER['HTTP_WEBHOOK_ID'] ?? null,
        'webhook-timestamp' => $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? null,
        'webhook-signature' => $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? null,
    ]);
}

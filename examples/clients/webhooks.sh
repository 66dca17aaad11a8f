#!/usr/bin/env bash
# Create, list, change and delete a subscription. HOST, TOKEN and WORKSPACE are those of your server.
set -euo pipefail

created=$(curl --fail-with-body -sS -X POST "$HOST/api/v1/integrations/webhooks" \
  -H "Authorization: Bearer $TOKEN" \
  -H "x-workspace-id: $WORKSPACE" \
  -H "Content-Type: application/json" \
  -d '{
    "url": "https://example.com/webhooks/velaflows",
    "events": ["inbox.message.received", "crm.lead.created"],
    "secret": "whsec_your_signing_secret",
    "active": true
  }')
id=$(printf '%s' "$created" | sed 's/.*"subscription":{"_id":"\([0-9a-f]*\)".*/\1/')

curl --fail-with-body -sS "$HOST/api/v1/integrations/webhooks?page=1&limit=20" \
  -H "Authorization: Bearer $TOKEN" \
  -H "x-workspace-id: $WORKSPACE"
echo

curl --fail-with-body -sS -X PATCH "$HOST/api/v1/integrations/webhooks/$id" \
  -H "Authorization: Bearer $TOKEN" \
  -H "x-workspace-id: $WORKSPACE" \
  -H "Content-Type: application/json" \
  -d '{"events": ["crm.lead.created", "crm.lead.stage_changed"], "active": false}'
echo

curl --fail-with-body -sS -X DELETE "$HOST/api/v1/integrations/webhooks/$id" \
  -H "Authorization: Bearer $TOKEN" \
  -H "x-workspace-id: $WORKSPACE"
echo

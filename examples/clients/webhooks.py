"""Create, list, change and delete a subscription. HOST, TOKEN and WORKSPACE are those of your server."""

import json
import os
import urllib.request

WEBHOOKS = os.environ["HOST"] + "/api/v1/integrations/webhooks"


def call(method, url, body=None):
    request = urllib.request.Request(url, method=method)
    request.add_header("Authorization", "Bearer " + os.environ["TOKEN"])
    request.add_header("x-workspace-id", os.environ["WORKSPACE"])
    if body is not None:
        request.add_header("Content-Type", "application/json")
        request.data = json.dumps(body).encode()
    with urllib.request.urlopen(request) as response:
        return json.load(response)["data"]


subscription = call(
    "POST",
    WEBHOOKS,
    {
        "url": "https://example.com/webhooks/velaflows",
        "events": ["channels.message.status_changed", "customer.merged"],
        "secret": "whsec_your_signing_secret",
    },
)["subscription"]
print("created", subscription["_id"])

listed = call("GET", WEBHOOKS + "?page=1&limit=20")
print("listed", len(listed["items"]), "of", listed["pagination"]["total"])

changed = call("PATCH", WEBHOOKS + "/" + subscription["_id"], {"active": False})
print("changed", changed["subscription"]["active"])

print("deleted", call("DELETE", WEBHOOKS + "/" + subscription["_id"])["deleted"])

"""The backend of an app behind Portico: answers every GET with the Azure subscriptions of the person who asks.

Needs `pip install requests azure-mgmt-subscription==3.1.1`. Its settings are environment variables:
  PORTICO_URL             Portico's APP_BASE_URL, such as https://portico.example.com
  PORTICO_CLIENT_ID       the id of the app under [[apps]]
  PORTICO_CLIENT_SECRET   its secret
  CLOUD_URL, RESOURCE     the API to call, and the resource whose token it takes: https://management.azure.com
  PORT                    where it listens on 127.0.0.1; 0, the default, is any free port
"""

import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests
from azure.core.credentials import AccessToken
from azure.core.exceptions import AzureError
from azure.mgmt.subscription import SubscriptionClient

PORTICO_URL = os.environ["PORTICO_URL"].rstrip("/")
CLIENT_ID = os.environ["PORTICO_CLIENT_ID"]
CLIENT_SECRET = os.environ["PORTICO_CLIENT_SECRET"]
CLOUD_URL = os.environ.get("CLOUD_URL", "https://management.azure.com").rstrip("/")
RESOURCE = os.environ.get("RESOURCE", "https://management.azure.com").rstrip("/")
PORT = int(os.environ.get("PORT", "0"))


class Refused(Exception):
    """Portico gave no token: its error, by RFC 6749 section 5.2."""

    def __init__(self, answer):
        self.error = answer.json()
        self.status = answer.status_code
        self.retry_after = answer.headers.get("Retry-After", "5")
        super().__init__(f"{self.error['error']}: {self.error.get('error_description')}")


class PorticoCredential:
    """An azure.core TokenCredential: exchanges one person's session JWT for a cloud token at Portico (RFC 8693)."""

    def __init__(self, session_jwt):
        self.session_jwt = session_jwt

    def get_token(self, *_scopes, **_options):
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token": self.session_jwt,
            "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "resource": RESOURCE,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }
        # A redirect is not followed: it would be given the secret.
        answer = requests.post(f"{PORTICO_URL}/oauth2/token", data=form, timeout=30, allow_redirects=False)
        if answer.status_code != 200:
            raise Refused(answer)
        body = answer.json()
        return AccessToken(body["access_token"], int(time.time()) + body["expires_in"])


def subscriptions(session_jwt):
    """The subscriptions of the person whom the session JWT names."""
    # One credential and one client per request: a token of one person never serves another.
    with SubscriptionClient(
        PorticoCredential(session_jwt), base_url=CLOUD_URL, credential_scopes=[f"{RESOURCE}/.default"]
    ) as client:
        found = client.subscriptions.list()
        return [{"id": one.subscription_id, "displayName": one.display_name} for one in found]


def answer_to_refusal(refused):
    """Status, body and headers for what Portico refused."""
    error = refused.error
    if error["error"] == "interaction_required":
        # Only the person can help. The page shows them the link.
        return 401, {"error": "interaction_required", "repair_uri": error["repair_uri"]}, {}
    if error["error"] == "invalid_request":
        # The session ended or the JWT expired. (A request that Portico cannot read looks the same: see the log.)
        return 401, {"error": "invalid_token"}, {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    if refused.status == 503:
        return 503, {"error": "temporarily_unavailable"}, {"Retry-After": refused.retry_after}
    # The settings of the app are wrong: that is for its operator.
    return 502, {"error": "no_token"}, {}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        scheme, _, session_jwt = self.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not session_jwt:
            return self.send(401, {"error": "no_token"}, {"WWW-Authenticate": "Bearer"})
        try:
            self.send(200, subscriptions(session_jwt.strip()))
        except Refused as refused:
            self.log_message("Portico: %s", refused)
            self.send(*answer_to_refusal(refused))
        except (requests.RequestException, AzureError) as error:
            self.log_message("%s: %s", type(error).__name__, error)
            self.send(502, {"error": "bad_gateway"})

    def send(self, status, body, headers=None):
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", PORT), Handler)
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()

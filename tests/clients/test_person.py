"""A person in a browser, through MSAL's authorization code flow."""

from urllib.parse import parse_qsl, urlsplit

import msal
import pytest
import requests
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from azure.mgmt.subscription import SubscriptionClient

CALLBACK = "http://localhost:9/callback"


class Fixed:
    """A credential that has its token already."""

    def __init__(self, token):
        self.token = token

    def get_token(self, *_scopes, **_options):
        return AccessToken(self.token, 1 << 40)


def application(emulator, tenant="organizations", cache=None):
    return msal.ConfidentialClientApplication(
        emulator.client_id,
        client_credential=emulator.client_secret,
        authority=f"{emulator.https}/{emulator.tenants.get(tenant, tenant)}",
        instance_discovery=False,
        token_cache=cache,
    )


def scopes(emulator):
    return [f"{emulator.https}/user_impersonation"]


def signed_in(app, emulator, person):
    """What the browser brings back, and the flow it belongs to."""
    flow = app.initiate_auth_code_flow(
        scopes(emulator), redirect_uri=CALLBACK, login_hint=emulator.people[person]
    )
    response = requests.get(flow["auth_uri"], allow_redirects=False, timeout=10)
    assert response.status_code == 302
    location = response.headers["Location"]
    assert location.startswith(CALLBACK)
    return flow, dict(parse_qsl(urlsplit(location).query))


def tokens(app, emulator, person):
    result = app.acquire_token_by_auth_code_flow(*signed_in(app, emulator, person))
    assert "error" not in result, result
    return result


def subscriptions(emulator, token):
    client = SubscriptionClient(
        Fixed(token), base_url=emulator.https, credential_scopes=[f"{emulator.https}/.default"]
    )
    return list(client.subscriptions.list())


def test_a_person_signs_in_and_lists_seven_subscriptions(emulator):
    result = tokens(application(emulator), emulator, "Zofia Nowak")
    claims = result["id_token_claims"]
    assert claims["name"] == "Zofia Nowak"
    assert claims["tid"] == emulator.tenants["Contoso"]
    assert claims["aud"] == emulator.client_id
    assert claims["iss"] == f"{emulator.https}/{claims['tid']}/v2.0"
    assert claims["preferred_username"] == emulator.people["Zofia Nowak"]
    assert len(subscriptions(emulator, result["access_token"])) == 7


def test_a_person_without_subscriptions_signs_in_all_the_same(emulator):
    result = tokens(application(emulator), emulator, "Amara Okafor")
    assert subscriptions(emulator, result["access_token"]) == []


def test_a_silent_refresh_brings_new_tokens(emulator):
    app = application(emulator)
    first = tokens(app, emulator, "Zofia Nowak")
    (account,) = app.get_accounts()
    assert account["username"] == emulator.people["Zofia Nowak"]
    cached = app.acquire_token_silent(scopes(emulator), account)
    assert cached["access_token"] == first["access_token"]
    renewed = app.acquire_token_silent(scopes(emulator), account, force_refresh=True)
    assert renewed["access_token"] != first["access_token"]
    assert len(subscriptions(emulator, renewed["access_token"])) == 7


def test_a_refresh_token_is_replaced_on_use(emulator):
    app = application(emulator)
    first = tokens(app, emulator, "Zofia Nowak")
    second = app.acquire_token_by_refresh_token(first["refresh_token"], scopes(emulator))
    assert second["refresh_token"] != first["refresh_token"]
    assert "error" not in app.acquire_token_by_refresh_token(second["refresh_token"], scopes(emulator))


def test_a_refresh_reaches_another_tenant_of_the_person(emulator):
    first = tokens(application(emulator), emulator, "Nguyễn Minh Anh")
    guest = application(emulator, "Fabrikam").acquire_token_by_refresh_token(
        first["refresh_token"], scopes(emulator)
    )
    assert guest["id_token_claims"]["tid"] == emulator.tenants["Fabrikam"]
    assert guest["id_token_claims"]["oid"] != first["id_token_claims"]["oid"]
    assert len(subscriptions(emulator, guest["access_token"])) == 2


def test_a_tenant_that_wants_a_second_factor_says_so_with_claims(emulator):
    first = tokens(application(emulator), emulator, "Nguyễn Minh Anh")
    refused = application(emulator, "Northwind Traders").acquire_token_by_refresh_token(
        first["refresh_token"], scopes(emulator)
    )
    assert refused["error"] == "invalid_grant"
    assert 50076 in refused["error_codes"]
    assert "capolids" in refused["claims"]


def refuse(emulator, tenant, kind):
    url = f"{emulator.https}/_emulator/tenants/{emulator.tenants[tenant]}/refusal"
    requests.put(url, json={"kind": kind}, timeout=10).raise_for_status()


@pytest.mark.parametrize(
    ("kind", "number", "suberror", "classification"),
    [
        # MSAL classifies nothing that only means to sign in again.
        ("mfa", 50076, "basic_action", "basic_action"),
        ("consent", 65001, "consent_required", "consent_required"),
        ("blocked", 53003, "message_only", "message_only"),
        ("revoked", 50173, "bad_token", ""),
    ],
)
def test_msal_reads_why_a_tenant_refuses_a_refresh(
    emulator, kind, number, suberror, classification
):
    first = tokens(application(emulator), emulator, "Nguyễn Minh Anh")
    refuse(emulator, "Fabrikam", kind)
    app = application(emulator, "Fabrikam")
    refused = app.acquire_token_by_refresh_token(first["refresh_token"], scopes(emulator))
    assert (refused["error"], refused["suberror"]) == ("invalid_grant", suberror)
    assert number in refused["error_codes"]
    assert ("claims" in refused) == (kind == "mfa")
    # Silently, with the account that MSAL knows: it classifies the suberror.
    home = application(emulator)
    tokens(home, emulator, "Nguyễn Minh Anh")
    (account,) = home.get_accounts()
    guest = application(emulator, "Fabrikam", home.token_cache)
    silent = guest.acquire_token_silent_with_error(scopes(emulator), account, force_refresh=True)
    assert silent["suberror"] == suberror
    assert silent["classification"] == classification


def test_a_sign_in_with_the_claims_mends_a_tenant_that_wants_a_second_factor(emulator):
    first = tokens(application(emulator), emulator, "Nguyễn Minh Anh")
    refuse(emulator, "Fabrikam", "mfa")
    app = application(emulator, "Fabrikam")
    refused = app.acquire_token_by_refresh_token(first["refresh_token"], scopes(emulator))

    def sign_in(claims):
        flow = app.initiate_auth_code_flow(
            scopes(emulator),
            redirect_uri=CALLBACK,
            login_hint=emulator.people["Nguyễn Minh Anh"],
            claims_challenge=claims,
        )
        response = requests.get(flow["auth_uri"], allow_redirects=False, timeout=10)
        answer = dict(parse_qsl(urlsplit(response.headers["Location"]).query))
        return app.acquire_token_by_auth_code_flow(flow, answer)

    for claims, refreshed in [(None, "error"), (refused["claims"], "access_token")]:
        token = sign_in(claims)["refresh_token"]
        assert refreshed in app.acquire_token_by_refresh_token(token, scopes(emulator))


def test_resource_manager_challenges_for_the_claims_of_a_second_factor(emulator):
    refuse(emulator, "Contoso", "resource_manager_mfa")
    first = tokens(application(emulator), emulator, "Zofia Nowak")
    with pytest.raises(ClientAuthenticationError, match="multi-factor") as refused:
        subscriptions(emulator, first["access_token"])
    assert refused.value.status_code == 401


def test_a_code_works_once(emulator):
    app = application(emulator)
    flow, answer = signed_in(app, emulator, "Zofia Nowak")
    assert "access_token" in app.acquire_token_by_auth_code_flow(flow, answer)
    again = app.acquire_token_by_auth_code_flow(flow, answer)
    assert again["error"] == "invalid_grant"
    assert "AADSTS54005" in again["error_description"]


def test_who_refuses_consent_gets_no_token(emulator):
    app = application(emulator)
    flow, answer = signed_in(app, emulator, "Joaquín Herrera")
    result = app.acquire_token_by_auth_code_flow(flow, answer)
    assert result["error"] == "access_denied"
    assert "AADSTS65004" in result["error_description"]


def test_another_state_is_refused_by_the_library(emulator):
    app = application(emulator)
    flow, answer = signed_in(app, emulator, "Zofia Nowak")
    with pytest.raises(ValueError, match="state"):
        app.acquire_token_by_auth_code_flow(flow, {**answer, "state": "other"})


def test_a_wrong_nonce_is_refused_by_the_library(emulator):
    fault = {"target": "token", "kind": {"type": "wrong_nonce"}, "times": 1}
    requests.post(f"{emulator.https}/_emulator/faults", json=fault, timeout=10).raise_for_status()
    app = application(emulator)
    with pytest.raises(Exception, match="nonce"):
        app.acquire_token_by_auth_code_flow(*signed_in(app, emulator, "Zofia Nowak"))

"""The application itself, through azure-identity and azure-mgmt-subscription."""

import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential
from azure.mgmt.subscription import SubscriptionClient


def client(emulator, tenant="Contoso", secret=None):
    credential = ClientSecretCredential(
        emulator.tenants[tenant],
        emulator.client_id,
        secret or emulator.client_secret,
        authority=emulator.https,
        disable_instance_discovery=True,
    )
    return SubscriptionClient(
        credential, base_url=emulator.https, credential_scopes=[f"{emulator.https}/.default"]
    )


def test_the_application_lists_seven_subscriptions_over_three_pages(emulator):
    pages = [list(page) for page in client(emulator).subscriptions.list().by_page()]
    assert [len(page) for page in pages] == [3, 3, 1]
    subscriptions = sum(pages, [])
    assert subscriptions[0].display_name == "Contoso Production"
    assert {one.state for one in subscriptions} == {"Enabled", "Warned", "Disabled"}


def test_the_application_gets_one_subscription_by_its_id(emulator):
    subscriptions = client(emulator).subscriptions
    first = next(iter(subscriptions.list()))
    assert subscriptions.get(first.subscription_id).display_name == first.display_name


def test_a_tenant_without_subscriptions_lists_none(emulator):
    assert list(client(emulator, "Tailspin Toys").subscriptions.list()) == []


def test_the_application_lists_its_tenant(emulator):
    (tenant,) = client(emulator).tenants.list()
    assert tenant.tenant_id == emulator.tenants["Contoso"]


def test_a_wrong_secret_is_refused(emulator):
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        list(client(emulator, secret="wrong").subscriptions.list())


def test_an_answer_of_429_is_waited_for_and_asked_again(emulator):
    fault = {"target": "subscriptions", "kind": {"type": "status", "code": 429, "retry_after": 0}, "times": 1}
    requests.post(f"{emulator.https}/_emulator/faults", json=fault, timeout=10).raise_for_status()
    assert len(list(client(emulator).subscriptions.list())) == 7
    journal = requests.get(f"{emulator.https}/_emulator/requests", timeout=10).json()
    assert [entry["path"] for entry in journal].count("/subscriptions") == 4

//! The state of an account's tokens, and the link that repairs it.

use portico_domain::{
    account::{Account, TokenHealth},
    provider::Providers,
    time::Timestamp,
};
use url::form_urlencoded;

use crate::response::Object;

/// Writes `token`, and `repair` with `{href, claims, suberror}`, which is `null` if the token is `ok`.
pub(crate) fn write_token(
    object: &mut Object<'_>,
    account: &Account,
    providers: &Providers,
    now: Timestamp,
) {
    let health = account.token_health(now);
    object.text("token", token_state(health));
    if health == TokenHealth::Ok {
        object.raw("repair", "null");
        return;
    }
    let challenge = account.token.as_ref().and_then(|token| token.challenge.as_deref());
    object.object("repair", |repair| {
        repair.text("href", &sign_in_href(account, providers));
        // JSON already: it was parsed when it arrived.
        if let Some(claims) = challenge.and_then(|challenge| challenge.claims.as_deref()) {
            repair.raw("claims", claims);
        }
        if let Some(suberror) = challenge.and_then(|challenge| challenge.suberror.as_deref()) {
            repair.text("suberror", suberror);
        }
    });
}

/// The `token` of an account.
pub(crate) fn token_state(health: TokenHealth) -> &'static str {
    match health {
        TokenHealth::Ok => "ok",
        TokenHealth::Stale => "stale",
        TokenHealth::NeedsSignIn => "needs_sign_in",
    }
}

/// The path at which the person signs in with the account again.
pub(crate) fn sign_in_href(account: &Account, providers: &Providers) -> String {
    let path = format!("/api/login/{}", account.provider);
    let provider = providers.find(&account.provider);
    let descriptor = provider.as_ref().map(|provider| provider.cloud.descriptor());
    let has_tenants = descriptor.is_some_and(|descriptor| descriptor.tenant_pointer().is_some());
    if !has_tenants {
        return path;
    }
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("tenant", account.identity.tenant.as_str());
    let challenge = account.token.as_ref().and_then(|token| token.challenge.as_ref());
    if let Some(claims) = challenge.and_then(|challenge| challenge.claims.as_deref()) {
        query.append_pair("claims", claims);
    }
    format!("{path}?{}", query.finish())
}

#[cfg(test)]
mod tests {
    use portico_domain::{
        account::AccountToken,
        challenge::Challenge,
        provider::{Descriptor, SubjectMapping},
        testing::{doubles, samples},
    };
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;
    use crate::response::Json;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);

    fn written(token: Option<AccountToken>, providers: &Providers) -> Value {
        let mut account = samples::account("contoso&co", "zofia", NOW);
        account.token = token;
        let json = Json::object(|object| write_token(object, &account, providers, NOW));
        serde_json::from_slice(&json).unwrap()
    }

    fn azure() -> Providers {
        doubles::Provider::silent().into_providers()
    }

    fn issued() -> AccountToken {
        AccountToken::issued(NOW, Timestamp::from_unix_seconds(4_600), true)
    }

    fn challenge() -> Option<Box<Challenge>> {
        let claims = Some(r#"{"access_token":{}}"#.into());
        Some(Box::new(Challenge { suberror: Some("basic_action".into()), claims }))
    }

    const HREF: &str = "/api/login/azure?tenant=contoso%26co";

    #[rstest]
    #[case::of_an_earlier_version(None, json!({"token": "ok", "repair": null}))]
    #[case::issued(Some(issued()), json!({"token": "ok", "repair": null}))]
    #[case::failing(Some(issued().failing()), json!({"token": "stale", "repair": {"href": HREF}}))]
    #[case::refused(Some(issued().refused(None)), json!({
        "token": "needs_sign_in", "repair": {"href": HREF},
    }))]
    #[case::refused_with_a_challenge(Some(issued().refused(challenge())), json!({
        "token": "needs_sign_in",
        "repair": {
            "href": format!("{HREF}&claims=%7B%22access_token%22%3A%7B%7D%7D"),
            "claims": {"access_token": {}}, "suberror": "basic_action",
        },
    }))]
    fn write_token_of(#[case] token: Option<AccountToken>, #[case] expected: Value) {
        assert_eq!(written(token, &azure()), expected);
    }

    #[test]
    fn href_of_a_provider_without_tenants_names_none() {
        let people = Some(SubjectMapping { tenant: None, ..samples::people() });
        let descriptor = Descriptor { people, ..samples::descriptor() };
        let providers = doubles::Provider::described_as(descriptor).into_providers();
        for providers in [providers, Providers::default()] {
            let written = written(Some(issued().failing()), &providers);
            assert_eq!(written["repair"], json!({"href": "/api/login/azure"}));
        }
    }
}

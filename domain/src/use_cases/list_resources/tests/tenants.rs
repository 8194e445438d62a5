//! The person's tokens in other tenants, by their refresh token.

use super::*;
use crate::{
    challenge::Challenge,
    login::OAuthError,
    ports::Refreshed,
    provider::{Capability, TokenRefusal},
};

/// A provider whose `as-user` may be used in every tenant.
fn in_every_tenant() -> doubles::Provider {
    let mut descriptor = samples::descriptor();
    descriptor.capabilities = vec![Capability {
        name: "as-user".into(),
        kind: Capability::TENANTS.into(),
        why: "to list them".into(),
        extra: vec![],
    }];
    doubles::Provider::described_as(descriptor)
}

fn in_tenant(id: u32, tenant: &str) -> Request {
    let credential =
        Credential { permission: "as-user".into(), tenant: TenantId::parse(tenant).ok() };
    Request { credential: Some(credential), ..request(id, "https://cloud.example/list", None) }
}

fn refreshed(mark: &str) -> Refreshed {
    Refreshed { tokens: samples::tokens(mark), id_token: None }
}

fn refused(error: OAuthError) -> IdentityProviderError {
    IdentityProviderError::Refused { error, endpoint: "https://login.example/token".into() }
}

#[tokio::test]
async fn run_refreshes_once_in_each_tenant_and_keeps_the_persons_tokens() {
    let mut doubles = in_every_tenant();
    doubles.identity.expect_refresh().times(2).returning(|sign_in, refresh_token, scopes| {
        assert_eq!(refresh_token.expose(), "home-refresh-token");
        assert_eq!(scopes, ["https://cloud.example/.default"]);
        Ok(refreshed(sign_in.issuer().as_str()))
    });
    let sent = Arc::new(Mutex::new(Vec::new()));
    let log = sent.clone();
    doubles.api.expect_fetch().returning(move |fetch| {
        log.lock().unwrap().push(fetch.token.unwrap().0.expose().to_owned());
        Ok(reply("listed"))
    });
    let requests = vec![
        in_tenant(1, "fabrikam"),
        in_tenant(2, "contoso"),
        in_tenant(3, "tailspin"),
        in_tenant(4, "fabrikam"),
    ];
    let (responses, _) = ask_once(doubles, ListingBudget::default(), requests).await;
    assert_eq!(outcomes(&responses), vec![Ok("listed".to_owned()); 4]);
    let mut sent = std::mem::take(&mut *sent.lock().unwrap());
    sent.sort();
    let of = |tenant: &str| format!("access-{}", samples::issuer(tenant));
    let mut expected = [of("fabrikam"), of("fabrikam"), of("tailspin"), "persons-token".to_owned()];
    expected.sort();
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn run_tells_the_provider_why_a_tenant_refused_and_lists_the_others() {
    let mut doubles = in_every_tenant();
    doubles.identity.expect_refresh().returning(|sign_in, _, _| {
        let error = OAuthError {
            error: "interaction_required".into(),
            description: Some("AADSTS50076: use a second factor".into()),
            challenge: Some(Box::new(Challenge {
                suberror: Some("basic_action".into()),
                claims: Some(r#"{"access_token":{}}"#.into()),
            })),
        };
        match sign_in.issuer().as_str().contains("fabrikam") {
            true => Err(refused(error)),
            false => Ok(refreshed("other")),
        }
    });
    doubles.api.expect_fetch().times(1).returning(|_| Ok(reply("listed")));
    let requests = vec![in_tenant(1, "fabrikam"), in_tenant(2, "tailspin")];
    let (responses, listed) = ask_once(doubles, ListingBudget::default(), requests).await;
    let refusal = TokenRefusal {
        error: "interaction_required".into(),
        suberror: Some("basic_action".into()),
        claims: Some(r#"{"access_token":{}}"#.into()),
        numbers: vec![50076],
    };
    let expected = [Err(FetchError::TokenRefused(Box::new(refusal))), Ok("listed".to_owned())];
    assert_eq!(outcomes(&responses), expected);
    let [incident] = &listed.incidents[..] else { panic!("{:?}", listed.incidents) };
    assert!(incident.why.contains("fabrikam") && incident.why.contains("AADSTS50076"));
}

#[rstest]
#[case::timeout(IdentityProviderError::TimedOut("token endpoint".into()), FetchError::TimedOut)]
#[case::away(IdentityProviderError::Unreachable("token endpoint".into()), FetchError::Unreachable)]
#[case::settings(IdentityProviderError::Misconfigured("no secret".into()), FetchError::NoToken)]
#[tokio::test]
async fn run_tells_a_failure_without_a_refusal_as(
    #[case] error: IdentityProviderError,
    #[case] expected: FetchError,
) {
    let mut doubles = in_every_tenant();
    doubles.identity.expect_refresh().returning(move |_, _, _| Err(error.clone()));
    let requests = vec![in_tenant(1, "fabrikam")];
    let (responses, _) = ask_once(doubles, ListingBudget::default(), requests).await;
    assert_eq!(outcomes(&responses), [Err(expected)]);
}

#[tokio::test]
async fn run_never_refreshes_without_the_capability() {
    // The mock of the identity provider fails the test at any call.
    let requests = vec![in_tenant(1, "fabrikam")];
    let (responses, listed) =
        ask_once(doubles::Provider::silent(), ListingBudget::default(), requests).await;
    assert_eq!(outcomes(&responses), [Err(FetchError::NoToken)]);
    assert!(listed.incidents[0].why.contains("no capability"));
}

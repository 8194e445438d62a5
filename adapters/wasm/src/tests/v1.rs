//! A plug-in built for interface 1.0.0 works as it did, by what it declared when it was added.

use std::time::Duration;

use portico_domain::{
    account::{Repair, TenantState},
    identity::Claims,
    ports::CloudProvider,
    provider::{
        ClientAuthentication, EndpointTemplates, FetchError, Method, Placement, Principal,
        Response, Settings, Step, TokenEncoding,
    },
};

use super::{ZOFIA, listing_of, loaded};
use crate::{
    bindings::v1::exports::portico::provider::provider as v1,
    inspect,
    testing::{Guest, V1Guest},
};

/// Entra's form of an issuer, as a guest that has no setting for it says it.
fn issuer(tenant: Option<&str>) -> String {
    format!("https://login.example/{}/v2.0", tenant.unwrap_or("common"))
}

fn of_tenants() -> V1Guest {
    let said = |tenant: Option<&str>| v1::SignIn {
        tenant_claim: Some("tid".into()),
        ..V1Guest::openid(&issuer(tenant))
    };
    let people = Some(v1::People { subject: "/oid".into(), tenant: Some("/tid".into()) });
    V1Guest { people, ..V1Guest::saying(said) }
}

#[tokio::test]
async fn a_plug_in_of_the_version_before_is_spoken_to_in_its_own_words() {
    let component = V1Guest::saying(|_| V1Guest::plain()).build();
    assert_eq!(inspect(&component).unwrap().interface.as_deref(), Some("1.0.0"));
    let plugin = loaded(&component).await.unwrap();
    assert!(plugin.is_v1());
    let permission = &plugin.descriptor().permissions[0];
    assert_eq!(permission.methods, [Method::Get, Method::Post]);
    assert_eq!(permission.principal, Principal::SignedInUser);
    assert_eq!(permission.placement, Placement::Header("x-token".into()));
    assert!(permission.request_headers.is_empty() && permission.secret_headers.is_empty());

    let provider = plugin.configure(Settings::default()).await.unwrap();
    let claims = Claims::parse("{}").unwrap();
    let identity = provider.identify(None, &claims).await.unwrap().unwrap();
    assert_eq!((identity.subject.as_str(), identity.tenant.as_str()), ("zofia", "contoso"));
    let mut run = provider.list(&listing_of(ZOFIA)).await.unwrap();
    let step = run.next(vec![]).await.unwrap();
    let Step::Fetch { requests, wait } = step else { panic!("it asks first") };
    assert_eq!((requests[0].method, wait), (Method::Post, Duration::ZERO));
    assert_eq!(requests[0].body.as_deref(), Some("{}"));
    let response = Response { id: 1, outcome: Err(FetchError::Refused) };
    let Step::Done(listing) = run.next(vec![response]).await.unwrap() else { panic!("then done") };
    assert_eq!(listing.subscriptions[0].id, "one");
    let tenant = &listing.tenants[0];
    assert_eq!((tenant.state, tenant.mender), (TenantState::WantsMfa, None));
    assert_eq!(tenant.repair, Some(Repair::Claims("{}".into())));
}

#[tokio::test]
async fn declare_asks_how_people_sign_in_with_plain_oauth() {
    let plugin = loaded(&V1Guest::saying(|_| V1Guest::plain()).build()).await.unwrap();
    let declared = plugin.declare(Settings::default()).await.unwrap().sign_in;
    let EndpointTemplates::Plain { issuer, token, .. } = &declared.endpoints else {
        panic!("{declared:?}")
    };
    assert_eq!(issuer, "https://login.example/");
    assert_eq!(token, "https://token.example/token");
    assert_eq!(declared.default_tenant, None);
    assert_eq!(declared.token_encoding, TokenEncoding::JsonCamelCase);
    assert_eq!(declared.client_authentication, ClientAuthentication::None);
    assert_eq!(declared.parameters, [("prompt".into(), "consent".into())]);
    let record = &declared.user_records[0];
    assert_eq!((record.member.as_deref(), record.permission.as_str()), (None, "list"));
    assert!(declared.token_reply.is_empty());
}

#[tokio::test]
async fn declare_finds_where_the_tenant_stands_in_an_issuer() {
    let plugin = loaded(&of_tenants().build()).await.unwrap();
    let declared = plugin.declare(Settings::default()).await.unwrap().sign_in;
    let issuer = "https://login.example/{tenant}/v2.0".to_owned();
    assert_eq!(declared.endpoints, EndpointTemplates::OpenId(issuer));
    assert_eq!(declared.default_tenant.as_deref(), Some("common"));
}

#[tokio::test]
async fn declare_takes_a_plug_in_that_refuses_every_tenant_by_what_it_says_without_one() {
    let guest = V1Guest { refuses_tenants: true, ..V1Guest::saying(|_| V1Guest::plain()) };
    let plugin = loaded(&guest.build()).await.unwrap();
    let declared = plugin.declare(Settings::default()).await.unwrap().sign_in;
    assert_eq!(declared.default_tenant, None);
    assert_eq!(declared.scopes, ["read"]);
}

#[tokio::test]
async fn declare_holds_a_user_record_against_the_grant_that_it_names() {
    for (url, permission) in [
        ("https://evil.example/v1/me", "list"),
        ("https://api.example/v2/me", "list"),
        ("https://api.example/v1/me", "write"),
    ] {
        let said = |_: Option<&str>| {
            let mut said = V1Guest::plain();
            if let v1::Endpoints::Plain(plain) = &mut said.endpoints {
                let record = plain.user_record.as_mut().unwrap();
                (record.url, record.grant) = (url.into(), permission.into());
            }
            said
        };
        let plugin = loaded(&V1Guest::saying(said).build()).await.unwrap();
        let refused = plugin.declare(Settings::default()).await.unwrap_err().to_string();
        assert!(
            refused.contains("does not cover its user record"),
            "{url} {permission}: {refused}"
        );
    }
}

/// It traps where it is asked how people sign in, so whatever works does not ask it.
#[tokio::test]
async fn declare_alone_asks_how_people_sign_in_and_no_login_does() {
    let guest = V1Guest { traps_in_sign_in: true, ..of_tenants() };
    let plugin = loaded(&guest.build()).await.unwrap();
    let trapped = plugin.declare(Settings::default()).await.unwrap_err().to_string();
    assert!(trapped.contains("it trapped: unreachable, in its function sign-in"), "{trapped}");
    let provider = plugin.configure(Settings::default()).await.unwrap();
    assert!(provider.identify(None, &Claims::parse("{}").unwrap()).await.unwrap().is_some());
    let mut run = provider.list(&listing_of(ZOFIA)).await.unwrap();
    assert!(run.next(vec![]).await.is_ok());
}

#[tokio::test]
async fn what_a_plug_in_of_the_version_before_describes_lets_nobody_in_before_it_is_declared() {
    let old = loaded(&of_tenants().build()).await.unwrap();
    let nowhere = EndpointTemplates::OpenId(String::new());
    assert_eq!(old.descriptor().sign_in.endpoints, nowhere);
    let new = loaded(&Guest::honest("new").build()).await.unwrap();
    assert_ne!(new.descriptor().sign_in.endpoints, nowhere);
}

//! Plug-ins of interface 1.0.0.

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

use rstest::rstest;

use super::{ZOFIA, load, person};
use crate::{
    bindings::v1::exports::portico::provider::provider as v1,
    inspect::inspect,
    testing::{PluginBuilder, V1PluginBuilder},
};

/// An issuer of Entra's form.
fn issuer(tenant: Option<&str>) -> String {
    format!("https://login.example/{}/v2.0", tenant.unwrap_or("common"))
}

fn with_tenants() -> V1PluginBuilder {
    let sign_in = |tenant: Option<&str>| v1::SignIn {
        tenant_claim: Some("tid".into()),
        ..V1PluginBuilder::openid(&issuer(tenant))
    };
    let people = Some(v1::People { subject: "/oid".into(), tenant: Some("/tid".into()) });
    V1PluginBuilder { people, ..V1PluginBuilder::with_sign_in(sign_in) }
}

#[tokio::test]
async fn v1_plugin_describes_identifies_and_lists() {
    let component = V1PluginBuilder::with_sign_in(|_| V1PluginBuilder::plain()).build();
    assert_eq!(inspect(&component).unwrap().interface.as_deref(), Some("1.0.0"));
    let plugin = load(&component).await.unwrap();
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
    let mut run = provider.list(&person(ZOFIA)).await.unwrap();
    let step = run.next(vec![]).await.unwrap();
    let Step::Fetch { requests, wait } = step else { panic!("it fetches first") };
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
async fn declare_returns_plain_oauth_sign_in_of_v1_plugin() {
    let plugin =
        load(&V1PluginBuilder::with_sign_in(|_| V1PluginBuilder::plain()).build()).await.unwrap();
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
async fn declare_finds_tenant_segment_of_the_issuer() {
    let plugin = load(&with_tenants().build()).await.unwrap();
    let declared = plugin.declare(Settings::default()).await.unwrap().sign_in;
    let issuer = "https://login.example/{tenant}/v2.0".to_owned();
    assert_eq!(declared.endpoints, EndpointTemplates::OpenId(issuer));
    assert_eq!(declared.default_tenant.as_deref(), Some("common"));
}

#[tokio::test]
async fn declare_uses_sign_in_without_tenant_if_create_refuses_tenants() {
    let plugin = V1PluginBuilder {
        refuses_tenants: true,
        ..V1PluginBuilder::with_sign_in(|_| V1PluginBuilder::plain())
    };
    let plugin = load(&plugin.build()).await.unwrap();
    let declared = plugin.declare(Settings::default()).await.unwrap().sign_in;
    assert_eq!(declared.default_tenant, None);
    assert_eq!(declared.scopes, ["read"]);
}

#[rstest]
#[case::other_host("https://evil.example/v1/me", "list")]
#[case::other_path("https://api.example/v2/me", "list")]
#[case::unknown_permission("https://api.example/v1/me", "write")]
#[tokio::test]
async fn declare_refuses_user_record_that_its_permission_does_not_cover(
    #[case] url: &str,
    #[case] permission: &str,
) {
    let sign_in = |_: Option<&str>| {
        let mut sign_in = V1PluginBuilder::plain();
        if let v1::Endpoints::Plain(plain) = &mut sign_in.endpoints {
            let record = plain.user_record.as_mut().unwrap();
            (record.url, record.grant) = (url.into(), permission.into());
        }
        sign_in
    };
    let plugin = load(&V1PluginBuilder::with_sign_in(sign_in).build()).await.unwrap();
    let error = plugin.declare(Settings::default()).await.unwrap_err().to_string();
    assert!(error.contains("does not cover its user record"), "{error}");
}

/// `sign-in` traps, so a call that succeeds does not call it.
#[tokio::test]
async fn sign_in_of_v1_plugin_is_called_by_declare_only() {
    let plugin = V1PluginBuilder { traps_in_sign_in: true, ..with_tenants() };
    let plugin = load(&plugin.build()).await.unwrap();
    let trapped = plugin.declare(Settings::default()).await.unwrap_err().to_string();
    assert!(trapped.contains("it trapped: unreachable, in its function sign-in"), "{trapped}");
    let provider = plugin.configure(Settings::default()).await.unwrap();
    assert!(provider.identify(None, &Claims::parse("{}").unwrap()).await.unwrap().is_some());
    let mut run = provider.list(&person(ZOFIA)).await.unwrap();
    assert!(run.next(vec![]).await.is_ok());
}

#[tokio::test]
async fn descriptor_of_v1_plugin_has_empty_issuer_before_declare() {
    let old = load(&with_tenants().build()).await.unwrap();
    let empty = EndpointTemplates::OpenId(String::new());
    assert_eq!(old.descriptor().sign_in.endpoints, empty);
    let new = load(&PluginBuilder::honest("new").build()).await.unwrap();
    assert_ne!(new.descriptor().sign_in.endpoints, empty);
}

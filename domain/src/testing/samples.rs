//! Sample values: a person named Zofia, in the tenants a test names.
#![allow(clippy::unwrap_used, reason = "a sample that is wrong fails the test that asks for it")]

use std::time::Duration;

use serde_json::json;
use url::Url;

use crate::{
    account::{Account, Listing, Subscription},
    identity::{Claims, Identity, PersonKey, ProviderId, Subject, TenantId},
    login::{Epoch, ListedLogin, LoginOrigin, PendingLogin, ResponseIssuer},
    provider::{
        ClientAuthentication, ConfiguredSignIn, Descriptor, EndpointTemplates, Method, Permission,
        Placement, PlainEndpoints, Principal, Revision, ScopeSeparator, Settings, SignIn,
        SignInTemplate, SubjectMapping, TokenEncoding,
    },
    return_to::{Destinations, ReturnTo},
    secret::{AccessToken, Nonce, PkceVerifier, RefreshToken},
    session::{Session, SessionPolicy, TokenSet},
    time::Timestamp,
};

/// `azure`.
pub fn azure() -> ProviderId {
    ProviderId::parse("azure").unwrap()
}

/// The build of the provider that samples name.
pub fn revision() -> Revision {
    Revision::new("linked-1")
}

/// The identity of `subject` in `tenant`.
pub fn identity(tenant: &str, subject: &str) -> Identity {
    Identity {
        subject: Subject::parse(subject).unwrap(),
        tenant: TenantId::parse(tenant).unwrap(),
        display_name: "Zofia Nowak".into(),
        username: Some("zofia@contoso.example".into()),
    }
}

/// The key of that person.
pub fn person(tenant: &str, subject: &str) -> PersonKey {
    let who = identity(tenant, subject);
    PersonKey::of(&azure(), &issuer(tenant), &who.tenant, &who.subject)
}

/// The issuer of that tenant's ID tokens.
pub fn issuer(tenant: &str) -> String {
    format!("https://login.example/{tenant}/v2.0")
}

/// The claims of that person's ID token.
pub fn claims(tenant: &str, subject: &str) -> Claims {
    let claims = json!({
        "iss": issuer(tenant), "tid": tenant, "oid": subject, "name": "Zofia Nowak",
        "preferred_username": "zofia@contoso.example",
    });
    Claims::parse(claims.to_string()).unwrap()
}

/// A subscription with this id.
pub fn subscription(id: &str) -> Subscription {
    Subscription {
        id: id.into(),
        display_name: format!("Subscription {id}"),
        state: Some("Enabled".into()),
        tenant: None,
        extra: vec![],
    }
}

/// That person's account in that tenant, with one subscription.
pub fn account(tenant: &str, subject: &str, now: Timestamp) -> Account {
    let listing = Listing { subscriptions: vec![subscription("one")], ..Listing::default() };
    Account {
        person: Some(person(tenant, subject)),
        ..Account::connected(azure(), identity(tenant, subject), (listing.into(), now), now)
    }
}

/// That person's session, which began at `now`.
pub fn session(tenant: &str, subject: &str, now: Timestamp) -> Session {
    let account = account(tenant, subject, now);
    Session::begin(person(tenant, subject), claims(tenant, subject), account, now)
}

/// A login of that person that succeeded, begun outside of any session.
pub fn listed_login(tenant: &str, subject: &str, now: Timestamp) -> ListedLogin {
    ListedLogin {
        person: person(tenant, subject),
        user: claims(tenant, subject),
        only_connects: false,
        account: account(tenant, subject, now),
        tokens: tokens(tenant),
        origin: LoginOrigin::default(),
        return_to: pending_login("nonce").return_to,
    }
}

/// Tokens that contain `mark`.
pub fn tokens(mark: &str) -> TokenSet {
    TokenSet {
        access: AccessToken::new(format!("access-{mark}")),
        expires_at: Timestamp::from_unix_seconds(9_000_000_000),
        refresh: Some(RefreshToken::new(format!("refresh-{mark}"))),
        scopes: vec!["https://management.azure.com/.default".into()],
        id_token: None,
        token_reply: vec![],
    }
}

/// An attempt to sign in with Azure, with this nonce; live from second 1000 to 1900.
pub fn pending_login(nonce: &str) -> PendingLogin {
    PendingLogin {
        provider: azure(),
        revision: revision(),
        tenant: None,
        redirect_uri: Url::parse("http://localhost:5000/getAToken").unwrap(),
        return_to: ReturnTo::from_url(Url::parse("http://localhost:3000/dashboard").unwrap()),
        returns_errors: false,
        nonce: Nonce::new(nonce),
        verifier: PkceVerifier::new("verifier"),
        issuer: ResponseIssuer { issuer: issuer("contoso"), required: false },
        origin: LoginOrigin::default(),
        epoch: Epoch::from_number(1_000),
        expires_at: Timestamp::from_unix_seconds(1_900),
    }
}

/// Sessions of 8 hours idle and 24 in all.
pub const POLICY: SessionPolicy =
    SessionPolicy { idle: Duration::from_secs(8 * 3_600), max: Duration::from_secs(24 * 3_600) };

/// Portico on port 5000, its dashboard on port 3000.
pub fn destinations() -> Destinations {
    Destinations::new(
        Url::parse("http://localhost:5000").unwrap(),
        Url::parse("http://localhost:3000/dashboard").unwrap(),
    )
}

/// The sign-in to the tenant contoso.
pub fn sign_in() -> SignIn {
    configured_sign_in().at(None).unwrap()
}

/// The declaration of the sign-in; its default tenant is contoso.
pub fn sign_in_template() -> SignInTemplate {
    SignInTemplate {
        endpoints: EndpointTemplates::OpenId("https://login.example/{tenant}/v2.0".into()),
        default_tenant: Some("contoso".into()),
        scopes: vec!["openid".into()],
        scope_separator: ScopeSeparator::Space,
        parameters: vec![],
        token_encoding: TokenEncoding::Form,
        client_authentication: ClientAuthentication::Post,
        token_reply: vec![],
        user_records: vec![],
    }
}

/// The same, with the settings of a provider that has none.
pub fn configured_sign_in() -> ConfiguredSignIn {
    ConfiguredSignIn::new(sign_in_template(), Some("/tid"), Settings::default()).unwrap()
}

/// The subject mapping of Entra ID.
pub fn people() -> SubjectMapping {
    SubjectMapping {
        subject: "/oid".into(),
        tenant: Some("/tid".into()),
        display_name: vec!["/name".into()],
        username: vec!["/preferred_username".into()],
    }
}

/// The endpoints of a provider without ID tokens.
pub fn plain_endpoints() -> PlainEndpoints {
    let url = |path: &str| Url::parse(&format!("https://plain.example/{path}")).unwrap();
    PlainEndpoints {
        issuer: url("oauth"),
        authorization: url("oauth/authorize"),
        token: url("oauth/token"),
        end_session: None,
    }
}

/// A permission of this name for the paths below `https://cloud.example/list`.
pub fn permission(name: &str, principal: Principal) -> Permission {
    Permission {
        name: name.into(),
        why: "to list what there is".into(),
        principal,
        scopes: vec!["https://cloud.example/.default".into()],
        hosts: vec!["cloud.example".into()],
        paths: vec!["/list".into()],
        methods: vec![Method::Get],
        placement: Placement::Bearer,
        request_headers: vec![],
        reply_headers: vec![],
        secret_headers: vec![],
    }
}

/// Azure, with a permission for each principal, `as-application` and `as-user`, and a second one for the
/// application at another host, `elsewhere-as-application`.
pub fn descriptor() -> Descriptor {
    Descriptor {
        id: azure(),
        name: "Microsoft Azure".into(),
        version: "1.0.0".into(),
        icon: None,
        account_noun: "subscription".into(),
        settings: vec![],
        sign_in: sign_in_template(),
        people: Some(people()),
        permissions: vec![
            permission("as-application", Principal::Application),
            permission("as-user", Principal::SignedInUser),
            Permission {
                scopes: vec!["https://elsewhere.example/.default".into()],
                hosts: vec!["elsewhere.example".into()],
                ..permission("elsewhere-as-application", Principal::Application)
            },
        ],
        capabilities: vec![],
    }
}

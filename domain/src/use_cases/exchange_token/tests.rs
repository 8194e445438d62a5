use rstest::rstest;

use super::*;
use crate::{
    apps::{AppId, Backend, WebOrigin},
    identity::{Identity, ProviderId},
    provider::{
        ConfiguredSignIn, Descriptor, EndpointTemplates, Registration, Settings, SignInTemplate,
    },
    session::Session,
    testing::{doubles, samples},
};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);
const CLOUD: &str = "https://cloud.example";
const OTHER: &str = "https://graph.example";

fn tenant(text: &str) -> TenantId {
    TenantId::parse(text).unwrap()
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|&text| text.to_owned()).collect()
}

fn rule(resource: &str, tenants: &[&str], scopes: &[&str]) -> ExchangeRule {
    ExchangeRule {
        provider: samples::azure(),
        resource: Resource::parse(resource).unwrap(),
        tenants: tenants.iter().map(|text| tenant(text)).collect(),
        scopes: texts(scopes),
    }
}

fn app(exchanges: Vec<ExchangeRule>) -> ProtectedApp {
    let origin = WebOrigin::parse("https://costs.example").unwrap();
    let mut app = ProtectedApp::new(AppId::parse("costs").unwrap(), vec![origin]);
    app.backend = Backend { exchanges, ..Backend::default() };
    app
}

fn request(resource: &str) -> ExchangeRequest {
    ExchangeRequest {
        subject_token: String::new(),
        resource: Resource::parse(resource).unwrap(),
        account: None,
        tenant: None,
        scopes: Vec::new(),
    }
}

/// Zofia began at contoso; she connected accounts at fabrikam and woodgrove.
fn session() -> Session {
    let mut session = samples::session("contoso", "zofia", NOW);
    for name in ["fabrikam", "woodgrove"] {
        let other: Identity = samples::identity(name, "zofia");
        let mut account = samples::account(name, "zofia", NOW);
        account.id = AccountId::of(&samples::azure(), &other);
        account.person = None;
        session.accounts.push(account);
    }
    session.accounts[0].person = Some(session.person);
    session
}

/// The tenant of the chosen account.
fn chosen(app: &ProtectedApp, request: &ExchangeRequest) -> Result<String, String> {
    let session = session();
    let chosen = choose(&session, app, request);
    chosen
        .map(|(account, _)| account.identity.tenant.as_str().to_owned())
        .map_err(|error| format!("{error:?}"))
}

#[test]
fn account_is_the_one_with_which_the_session_began_unless_another_is_named() {
    let app = app(vec![rule(CLOUD, &[], &[])]);
    assert_eq!(chosen(&app, &request(CLOUD)), Ok("contoso".into()));
    let named = session().accounts[1].id.clone();
    let request = ExchangeRequest { account: Some(named), ..request(CLOUD) };
    assert_eq!(chosen(&app, &request), Ok("fabrikam".into()));
}

/// Somebody who signed in to a tenant is better known there than as a guest from elsewhere.
#[test]
fn account_at_home_in_the_tenant_that_is_asked_for_comes_first() {
    let app = app(vec![rule(CLOUD, &["contoso", "fabrikam"], &[])]);
    let asked = |name| ExchangeRequest { tenant: Some(tenant(name)), ..request(CLOUD) };
    assert_eq!(chosen(&app, &asked("Fabrikam")), Ok("fabrikam".into()));
    assert_eq!(chosen(&app, &asked("contoso")), Ok("contoso".into()));
}

#[test]
fn several_accounts_without_the_own_one_are_not_guessed() {
    let app = app(vec![rule(CLOUD, &["fabrikam", "woodgrove"], &[])]);
    assert_eq!(chosen(&app, &request(CLOUD)), Err("SeveralAccounts".into()));
}

#[test]
fn what_no_rule_allows_is_no_target_and_what_the_session_lacks_no_account() {
    let app_of = |provider: &str| {
        let provider = ProviderId::parse(provider).unwrap();
        app(vec![ExchangeRule { provider, ..rule(CLOUD, &[], &[]) }])
    };
    assert_eq!(chosen(&app_of("azure"), &request(OTHER)), Err("Target".into()));
    let elsewhere = ExchangeRequest { tenant: Some(tenant("woodbank")), ..request(CLOUD) };
    assert_eq!(chosen(&app_of("azure"), &elsewhere), Err("Target".into()));
    assert_eq!(chosen(&app_of("google"), &request(CLOUD)), Err("NoAccount".into()));
    let foreign = Some(AccountId::from_text("foreign"));
    let foreign = ExchangeRequest { account: foreign, ..request(CLOUD) };
    assert_eq!(chosen(&app_of("azure"), &foreign), Err("NoAccount".into()));
}

/// Whoever connects an account of a tenant that the app does not admit gives its backend no token of it.
#[test]
fn rule_without_tenants_is_for_those_that_the_app_admits() {
    let mut app = app(vec![rule(CLOUD, &[], &[])]);
    app.access.tenants = vec![tenant("contoso")];
    let named = session().accounts[1].id.clone();
    let request = ExchangeRequest { account: Some(named), ..request(CLOUD) };
    assert_eq!(chosen(&app, &request), Err("Target".into()));
    app.backend.exchanges = vec![rule(CLOUD, &["fabrikam"], &[])];
    assert_eq!(chosen(&app, &request), Ok("fabrikam".into()));
}

#[rstest]
#[case::as_named(&["https://cloud.example/read"], &[READ], false)]
#[case::without_its_resource(&["read", "openid", "offline_access"], &[READ], false)]
#[case::more(&["read", "write"], &[READ], true)]
#[case::more_with_its_resource(&[READ, "https://cloud.example/write"], &[READ], true)]
#[case::of_another_resource(&["https://graph.example/read"], &[READ], true)]
#[case::all_of_the_resource(&["read", "write"], &[ALL], false)]
#[case::no_limit(&["read", "write"], &[], false)]
fn exceeds_what_is_granted_beyond(
    #[case] granted: &[&str],
    #[case] limit: &[&str],
    #[case] expected: bool,
) {
    let resource = Resource::parse(CLOUD).unwrap();
    assert_eq!(exceeds(&texts(granted), &texts(limit), &resource), expected);
}

#[test]
fn tenant_is_spelt_as_the_rule_or_the_account_spells_it() {
    let (session, rule) = (session(), rule(CLOUD, &["Fabrikam"], &[]));
    let asked = |name| ExchangeRequest { tenant: Some(tenant(name)), ..request(CLOUD) };
    let account = &session.accounts[0];
    assert_eq!(spelt(&rule, account, &asked("FABRIKAM")).as_str(), "Fabrikam");
    assert_eq!(spelt(&rule, account, &asked("CONTOSO")).as_str(), "contoso");
    assert_eq!(spelt(&rule, account, &request(CLOUD)).as_str(), "contoso");
}

/// A provider whose sign-in asks for these scopes; each tenant has its own issuer if `by_tenant`.
fn provider(by_tenant: bool) -> Registration {
    let issuer = if by_tenant { "https://login.example/{tenant}" } else { "https://login.example" };
    let template = SignInTemplate {
        endpoints: EndpointTemplates::OpenId(issuer.into()),
        default_tenant: by_tenant.then(|| "contoso".into()),
        scopes: texts(&["https://cloud.example/.default", "openid", "offline_access"]),
        ..samples::sign_in_template()
    };
    let descriptor = Descriptor { sign_in: template.clone(), ..samples::descriptor() };
    let mut provider = doubles::Provider::described_as(descriptor);
    provider.sign_in = ConfiguredSignIn::new(template, None, Settings::default()).unwrap();
    provider.into_registration()
}

fn source_of(
    rule: &ExchangeRule,
    by_tenant: bool,
    (tenant_name, scopes): (&str, &[&str]),
) -> Result<Source, String> {
    let account = &session().accounts[0];
    let wanted = tenant(tenant_name);
    let source = source(rule, &provider(by_tenant), (account, &wanted), &texts(scopes));
    source.map_err(|error| format!("{error:?}"))
}

fn derived(scopes: &[&str]) -> Result<Source, String> {
    Ok(Source::Derived(texts(scopes)))
}

const ALL: &str = "https://cloud.example/.default";
const READ: &str = "https://cloud.example/read";

#[rstest]
#[case::of_the_sign_in(rule(CLOUD, &[], &[]), "contoso", &[], Ok(Source::SignIn))]
#[case::of_the_sign_in_by_name(rule(CLOUD, &[], &[ALL]), "CONTOSO", &[ALL], Ok(Source::SignIn))]
#[case::narrower_by_the_rule(rule(CLOUD, &[], &[READ]), "contoso", &[], derived(&[READ]))]
#[case::narrower_by_request(rule(CLOUD, &[], &[ALL, READ]), "contoso", &[READ], derived(&[READ]))]
#[case::other_tenant(rule(CLOUD, &["fabrikam"], &[]), "fabrikam", &[], derived(&[ALL]))]
#[case::other_resource(rule(OTHER, &[], &[]), "contoso", &[], derived(&["https://graph.example/.default"]))]
#[case::scope_of_no_rule(rule(CLOUD, &[], &[READ]), "contoso", &[ALL], Err("Scope".into()))]
#[case::scope_of_another_resource(rule(CLOUD, &[], &[]), "contoso", &["https://graph.example/.default"], Err("Scope".into()))]
#[case::scope_of_another_resource_in_the_rule(rule(CLOUD, &[], &["https://graph.example/read"]), "contoso", &[], Err("Scope".into()))]
#[case::scope_about_the_person(rule(CLOUD, &[], &[]), "contoso", &["offline_access"], Err("Scope".into()))]
fn source_at_a_provider_of_many_resources(
    #[case] rule: ExchangeRule,
    #[case] tenant: &str,
    #[case] scopes: &[&str],
    #[case] expected: Result<Source, String>,
) {
    assert_eq!(source_of(&rule, true, (tenant, scopes)), expected);
}

#[rstest]
#[case::of_the_sign_in(rule(CLOUD, &[], &[]), "contoso", &[], Ok(Source::SignIn))]
#[case::narrower(rule(CLOUD, &[], &[READ]), "contoso", &[], Err("Scope".into()))]
#[case::other_tenant(rule(CLOUD, &["fabrikam"], &[]), "fabrikam", &[], Err("Fixed(\"Microsoft Azure\")".into()))]
#[case::other_resource(rule(OTHER, &[], &[]), "contoso", &[], Err("Fixed(\"Microsoft Azure\")".into()))]
// A host that only the application's own token goes to.
#[case::of_the_application(rule("https://elsewhere.example", &[], &[]), "contoso", &[], Err("Fixed(\"Microsoft Azure\")".into()))]
fn source_at_a_provider_with_tokens_for_itself_alone(
    #[case] rule: ExchangeRule,
    #[case] tenant: &str,
    #[case] scopes: &[&str],
    #[case] expected: Result<Source, String>,
) {
    assert_eq!(source_of(&rule, false, (tenant, scopes)), expected);
}

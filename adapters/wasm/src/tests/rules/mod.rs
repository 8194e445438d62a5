//! The rules of form: each has a value that breaks it.

mod permission;
mod setting;
mod sign_in;
mod user_record;

use portico_domain::provider::{self, CallError, ProviderError};
use rstest::rstest;

use crate::{
    bindings::wire::{self, Descriptor},
    convert,
    testing::honest::{self, plain},
};

/// The conversion of an honest descriptor with this change.
fn described(change: impl FnOnce(&mut Descriptor)) -> Result<provider::Descriptor, CallError> {
    let mut descriptor = honest::descriptor("honest");
    change(&mut descriptor);
    convert::descriptor(descriptor, false)
}

/// The rule that this change breaks.
fn refused(change: impl FnOnce(&mut Descriptor)) -> String {
    match described(change) {
        Err(CallError::Broken(rule)) => rule,
        other => panic!("{other:?}"),
    }
}

fn assert_refused(rule: &str, change: Change) {
    let broken = refused(change);
    assert!(broken.contains(rule), "{broken:?} lacks {rule:?}");
}

type Change = fn(&mut Descriptor);

#[rstest]
#[case::empty_name("its name", |it: &mut Descriptor| it.name = String::new())]
#[case::long_name("its name", |it: &mut Descriptor| it.name = "n".repeat(65))]
#[case::version("semantic version", |it: &mut Descriptor| it.version = "1".into())]
#[case::icon_size("more than 32 KiB", |it: &mut Descriptor| it.icon = Some("x".repeat((32 << 10) + 1)))]
#[case::account_noun_case("lower-case letters", |it: &mut Descriptor| it.account_noun = "Project".into())]
#[case::number_of_capabilities("16 are allowed", |it: &mut Descriptor| it.capabilities = vec![capability("a"); 17])]
#[case::duplicate_capability("capabilities' names are the same", |it: &mut Descriptor| it.capabilities = vec![capability("a"); 2])]
#[case::capability_kind("a capability's kind", |it: &mut Descriptor| {
        it.capabilities = vec![wire::Capability { kind: "a\nb".into(), ..capability("a") }];
    })]
#[case::number_of_capability_members("16 are allowed", |it: &mut Descriptor| {
        let extra = vec![("a".into(), "b".into()); 17];
        it.capabilities = vec![wire::Capability { extra, ..capability("a") }];
    })]
#[case::capability_member_length("a member of a capability", |it: &mut Descriptor| {
        let extra = vec![("a".into(), "b".repeat(2049))];
        it.capabilities = vec![wire::Capability { extra, ..capability("a") }];
    })]
fn descriptor_refuses_value_over_its_limit(#[case] rule: &str, #[case] change: Change) {
    assert_refused(rule, change);
}

fn tenants(permission: &str) -> Vec<wire::Capability> {
    vec![wire::Capability { kind: "tenants".into(), ..capability(permission) }]
}

fn at_every_tenant(it: &mut Descriptor) {
    it.sign_in.endpoints = wire::Endpoints::Openid("{issuer}/{tenant}".into());
    it.sign_in.default_tenant = Some("common".into());
    it.people.as_mut().unwrap().tenant = Some("/tid".into());
}

#[test]
fn descriptor_accepts_tenants_of_a_permission_of_the_signed_in_user() {
    let described = described(|it| {
        at_every_tenant(it);
        it.capabilities = tenants("list");
    });
    assert!(described.unwrap().uses_other_tenants("list"));
}

#[rstest]
#[case::no_such_permission("no grant of the signed-in user", |it: &mut Descriptor| {
    at_every_tenant(it);
    it.capabilities = tenants("other");
})]
#[case::permission_of_the_application("no grant of the signed-in user", |it: &mut Descriptor| {
    at_every_tenant(it);
    it.permissions[0].principal = wire::Principal::Application;
    it.capabilities = tenants("list");
})]
#[case::one_token_endpoint("needs {tenant}", |it: &mut Descriptor| it.capabilities = tenants("list"))]
#[case::plain_token_endpoint_without_tenant("needs {tenant}", |it: &mut Descriptor| {
    let endpoints = wire::PlainEndpoints { issuer: "{issuer}/{tenant}".into(), ..plain() };
    it.sign_in.endpoints = wire::Endpoints::Plain(endpoints);
    it.people = None;
    it.capabilities = tenants("list");
})]
fn descriptor_refuses_tenants_with(#[case] rule: &str, #[case] change: Change) {
    assert_refused(rule, change);
}

#[test]
fn descriptor_accepts_capability() {
    assert!(described(|it| it.capabilities = vec![capability("a")]).is_ok());
}

fn capability(name: &str) -> wire::Capability {
    wire::Capability { name: name.into(), kind: "token".into(), why: "x".into(), extra: vec![] }
}

fn challenge(claims: &str) -> CallError {
    convert::provider_error(wire::Problem::Challenge(claims.into()))
}

#[test]
fn challenge_with_json_object_is_provider_error() {
    assert_eq!(challenge("{\"a\":1}"), ProviderError::Challenge("{\"a\":1}".into()).into());
}

#[rstest]
#[case::empty("")]
#[case::array("[]")]
#[case::no_json("claims")]
#[case::too_long(&format!("{{\"a\":\"{}\"}}", "x".repeat(5000)))]
fn challenge_without_short_json_object_breaks_a_rule(#[case] claims: &str) {
    assert!(matches!(challenge(claims), CallError::Broken(_)));
}

#[test]
fn provider_error_has_truncated_texts_on_one_line() {
    let pair = ("c\nc".repeat(1000), "m\r\nm".repeat(1000));
    let CallError::Provider(ProviderError::Other { code, message }) =
        convert::provider_error(wire::Problem::Other(pair))
    else {
        panic!("another kind of error")
    };
    assert_eq!((code.len(), message.len()), (128, 600));
    assert!(!message.contains(['\r', '\n']));
}

fn request(change: impl FnOnce(&mut wire::Request)) -> Result<(), String> {
    let mut request = wire::Request {
        id: 1,
        method: wire::Method::Post,
        url: "https://api.example/v1".into(),
        headers: vec![("accept".into(), "application/json".into())],
        body: Some("{}".into()),
        credential: Some(wire::Credential { permission: "list".into(), tenant: None }),
    };
    change(&mut request);
    let step =
        wire::Step::Fetch(wire::Wish { requests: vec![request], wait_seconds: 0, note: None });
    convert::step(step, "test").map(|_| ()).map_err(|error| error.to_string())
}

type Request = wire::Request;

#[test]
fn step_accepts_post_with_body_and_credential() {
    assert_eq!(request(|_| ()), Ok(()));
}

#[rstest]
#[case::relative_url("relative", |it: &mut Request| it.url = "/v1".into())]
#[case::ftp_url("neither https nor http", |it: &mut Request| it.url = "ftp://api.example".into())]
#[case::url_length("more than 8 KiB", |it: &mut Request| it.url += &"x".repeat(8 << 10))]
#[case::body_size("more than 256 KiB", |it: &mut Request| {
    it.body = Some("x".repeat((256 << 10) + 1));
})]
#[case::number_of_headers("32 are allowed", |it: &mut Request| {
    it.headers = vec![("a".into(), "b".into()); 33];
})]
#[case::size_of_headers("more than 8 KiB", |it: &mut Request| {
    it.headers = vec![("a".into(), "b".repeat(9000))];
})]
#[case::header_name("a name that is none", |it: &mut Request| {
    it.headers = vec![("a b".into(), "c".into())];
})]
#[case::header_injection("control character", |it: &mut Request| {
    it.headers = vec![("a".into(), "b\r\nc: d".into())];
})]
#[case::empty_permission("the grant of a request", |it: &mut Request| {
    it.credential = Some(wire::Credential { permission: String::new(), tenant: None });
})]
#[case::tenant("a tenant's id", |it: &mut Request| {
    let tenant = Some("a b".into());
    it.credential = Some(wire::Credential { permission: "list".into(), tenant });
})]
#[case::get_with_body("a GET of its requests has a body", |it: &mut Request| {
    it.method = wire::Method::Get;
})]
fn step_refuses_request(#[case] rule: &str, #[case] change: fn(&mut Request)) {
    let error = request(change).unwrap_err();
    assert!(error.contains(rule), "{error:?} lacks {rule:?}");
}

type Outcome = wire::Outcome;

fn outcome(change: fn(&mut Outcome)) -> Result<(), String> {
    let mut outcome =
        Outcome { tenants: vec![], subscriptions: vec![], warnings: vec![], extra: vec![] };
    change(&mut outcome);
    convert::step(wire::Step::Done(outcome), "test").map(|_| ()).map_err(|it| it.to_string())
}

#[test]
fn step_accepts_empty_outcome() {
    assert_eq!(outcome(|_| ()), Ok(()));
}

#[rstest]
#[case::warnings("warnings", |it: &mut Outcome| it.warnings = vec![String::new(); 1001])]
#[case::subscriptions("subscriptions", |it: &mut Outcome| {
    it.subscriptions = vec![subscription(); 10_001];
})]
#[case::tenants("tenants", |it: &mut Outcome| {
    it.tenants = vec![tenant(); portico_domain::account::MAX_TENANTS + 1];
})]
fn step_refuses_outcome_with_too_long_list(#[case] what: &str, #[case] change: fn(&mut Outcome)) {
    let error = outcome(change).unwrap_err();
    assert!(error.contains(what) && error.contains("are allowed"), "{error}");
}

fn subscription() -> wire::Subscription {
    wire::Subscription {
        id: "one".into(),
        display_name: "One".into(),
        state: None,
        tenant: None,
        extra: vec![],
    }
}

fn tenant() -> wire::Tenant {
    wire::Tenant {
        id: "one".into(),
        display_name: "One".into(),
        state: wire::TenantState::Ok,
        reason: None,
        mender: None,
        repair: None,
        extra: vec![],
    }
}

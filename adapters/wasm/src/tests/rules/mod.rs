//! Every rule of form has somebody who tries.

mod permission;
mod setting;
mod sign_in;

use portico_domain::provider::{CallError, Descriptor, ProviderError};

use crate::{bindings::wire, convert, testing::honest};

fn described(change: impl FnOnce(&mut wire::Descriptor)) -> Result<Descriptor, CallError> {
    let mut descriptor = honest::descriptor("honest");
    change(&mut descriptor);
    convert::descriptor(descriptor, false)
}

/// The rule that this change breaks.
fn refused(change: impl FnOnce(&mut wire::Descriptor)) -> String {
    match described(change) {
        Err(CallError::Broken(rule)) => rule,
        other => panic!("{other:?}"),
    }
}

/// Each of these changes breaks the rule that it names.
fn each_refused<T>(cases: &[(&str, T)])
where
    T: Fn(&mut wire::Descriptor),
{
    for (rule, change) in cases {
        let said = refused(change);
        assert!(said.contains(rule), "{said:?} lacks {rule:?}");
    }
}

type Change = fn(&mut wire::Descriptor);

#[test]
fn a_descriptor_is_bounded_in_every_part() {
    let cases: [(&str, Change); 10] = [
        ("its name", |it| it.name = String::new()),
        ("its name", |it| it.name = "n".repeat(65)),
        ("semantic version", |it| it.version = "1".into()),
        ("more than 32 KiB", |it| it.icon = Some("x".repeat((32 << 10) + 1))),
        ("lower-case letters", |it| it.account_noun = "Project".into()),
        ("16 are allowed", |it| it.capabilities = vec![capability("a"); 17]),
        ("capabilities' names are the same", |it| it.capabilities = vec![capability("a"); 2]),
        ("a capability's kind", |it| {
            it.capabilities = vec![wire::Capability { kind: "a\nb".into(), ..capability("a") }];
        }),
        ("16 are allowed", |it| {
            let extra = vec![("a".into(), "b".into()); 17];
            it.capabilities = vec![wire::Capability { extra, ..capability("a") }];
        }),
        ("a member of a capability", |it| {
            let extra = vec![("a".into(), "b".repeat(2049))];
            it.capabilities = vec![wire::Capability { extra, ..capability("a") }];
        }),
    ];
    each_refused(&cases);
    assert!(described(|it| it.capabilities = vec![capability("a")]).is_ok());
}

fn capability(name: &str) -> wire::Capability {
    wire::Capability { name: name.into(), kind: "token".into(), why: "x".into(), extra: vec![] }
}

#[test]
fn a_challenge_is_an_object_and_not_long() {
    let challenge = |claims: &str| convert::provider_error(wire::Problem::Challenge(claims.into()));
    assert_eq!(challenge("{\"a\":1}"), ProviderError::Challenge("{\"a\":1}".into()).into());
    for bad in ["", "[]", "claims", &format!("{{\"a\":\"{}\"}}", "x".repeat(5000))] {
        assert!(matches!(challenge(bad), CallError::Broken(_)), "{bad}");
    }
}

#[test]
fn the_words_of_a_problem_are_one_bounded_line() {
    let pair = ("c\nc".repeat(1000), "m\r\nm".repeat(1000));
    let CallError::Provider(ProviderError::Other { code, message }) =
        convert::provider_error(wire::Problem::Other(pair))
    else {
        panic!("it is another problem")
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
    convert::step(step, "test").map(|_| ()).map_err(|problem| problem.to_string())
}

#[test]
fn a_request_is_bounded_in_every_part() {
    assert_eq!(request(|_| ()), Ok(()));
    type Change = fn(&mut wire::Request);
    let refused: [(&str, Change); 10] = [
        ("relative", |it| it.url = "/v1".into()),
        ("neither https nor http", |it| it.url = "ftp://api.example".into()),
        ("more than 8 KiB", |it| it.url += &"x".repeat(8 << 10)),
        ("more than 256 KiB", |it| it.body = Some("x".repeat((256 << 10) + 1))),
        ("32 are allowed", |it| it.headers = vec![("a".into(), "b".into()); 33]),
        ("more than 8 KiB", |it| it.headers = vec![("a".into(), "b".repeat(9000))]),
        ("a name that is none", |it| it.headers = vec![("a b".into(), "c".into())]),
        ("control character", |it| it.headers = vec![("a".into(), "b\r\nc: d".into())]),
        ("the grant of a request", |it| {
            it.credential = Some(wire::Credential { permission: String::new(), tenant: None });
        }),
        ("a tenant's id", |it| {
            let tenant = Some("a b".into());
            it.credential = Some(wire::Credential { permission: "list".into(), tenant });
        }),
    ];
    for (rule, change) in refused {
        let said = request(change).unwrap_err();
        assert!(said.contains(rule), "{said:?} lacks {rule:?}");
    }
}

#[test]
fn an_outcome_is_bounded_in_its_lists() {
    type Outcome = fn(&mut wire::Outcome);
    let outcome = |change: Outcome| {
        let mut it = wire::Outcome {
            tenants: vec![],
            subscriptions: vec![],
            warnings: vec![],
            extra: vec![],
        };
        change(&mut it);
        convert::step(wire::Step::Done(it), "test").map(|_| ()).map_err(|it| it.to_string())
    };
    assert_eq!(outcome(|_| ()), Ok(()));
    let too_many: [(&str, Outcome); 3] = [
        ("warnings", |it| it.warnings = vec![String::new(); 1001]),
        ("subscriptions", |it| it.subscriptions = vec![subscription(); 10_001]),
        ("tenants", |it| it.tenants = vec![tenant(); portico_domain::account::MAX_TENANTS + 1]),
    ];
    for (what, change) in too_many {
        let said = outcome(change).unwrap_err();
        assert!(said.contains(what) && said.contains("are allowed"), "{said}");
    }
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

#[test]
fn a_body_goes_with_a_post_alone_and_no_id_twice() {
    let said = request(|it| it.method = wire::Method::Get).unwrap_err();
    assert!(said.contains("a GET of its requests has a body"), "{said}");
}

//! Rules of form that no hostile guest above breaks.

use portico_domain::provider::Problem;

use crate::{bindings::wire, convert};

#[test]
fn a_challenge_is_an_object_and_not_long() {
    let challenge = |claims: &str| convert::problem(wire::Problem::Challenge(claims.into()));
    assert_eq!(challenge("{\"a\":1}"), Problem::Challenge("{\"a\":1}".into()));
    for bad in ["", "[]", "claims", &format!("{{\"a\":\"{}\"}}", "x".repeat(5000))] {
        assert!(matches!(challenge(bad), Problem::Broken(_)), "{bad}");
    }
}

#[test]
fn the_words_of_a_problem_are_one_bounded_line() {
    let pair = ("c\nc".repeat(1000), "m\r\nm".repeat(1000));
    let Problem::Other { code, message } = convert::problem(wire::Problem::Other(pair)) else {
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
        credential: Some(wire::Credential { grant: "list".into(), tenant: None }),
    };
    change(&mut request);
    let step = wire::Step::Fetch(wire::Wish { requests: vec![request], note: None });
    convert::step(step, "test").map(|_| ()).map_err(|problem| problem.to_string())
}

#[test]
fn a_request_is_bounded_in_every_part() {
    assert_eq!(request(|_| ()), Ok(()));
    type Change = fn(&mut wire::Request);
    let refused: [(&str, Change); 9] = [
        ("relative", |it| it.url = "/v1".into()),
        ("more than 8 KiB", |it| it.url += &"x".repeat(8 << 10)),
        ("more than 256 KiB", |it| it.body = Some("x".repeat((256 << 10) + 1))),
        ("32 are allowed", |it| it.headers = vec![("a".into(), "b".into()); 33]),
        ("more than 8 KiB", |it| it.headers = vec![("a".into(), "b".repeat(9000))]),
        ("a name that is none", |it| it.headers = vec![("a b".into(), "c".into())]),
        ("control character", |it| it.headers = vec![("a".into(), "b\r\nc: d".into())]),
        ("the grant of a request", |it| {
            it.credential = Some(wire::Credential { grant: String::new(), tenant: None });
        }),
        ("a tenant's id", |it| {
            let tenant = Some("a b".into());
            it.credential = Some(wire::Credential { grant: "list".into(), tenant });
        }),
    ];
    for (rule, change) in refused {
        let said = request(change).unwrap_err();
        assert!(said.contains(rule), "{said:?} lacks {rule:?}");
    }
}

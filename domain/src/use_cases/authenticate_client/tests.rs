use rstest::rstest;
use serde_json::json;

use super::*;
use crate::{
    apps::{Backend, ClientKey, SecretHash, WebOrigin},
    signing::SigningAlgorithm,
    testing::FakeClock,
};

const NOW: u64 = 1_000_000;
const ISSUER: &str = "https://portico.example";
const ENDPOINT: &str = "https://portico.example/oauth2/token";

/// The hash of `secret`.
const HASH: &str = "sha256:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

/// Takes every assertion whose third part is `signed`, if the app has a key.
struct Verifier;

impl AssertionVerifier for Verifier {
    fn verified(&self, assertion: &str, keys: &[ClientKey]) -> Option<Map<String, Value>> {
        let is_signed = assertion.ends_with(".signed") && !keys.is_empty();
        unverified(assertion).filter(|_| is_signed)
    }
}

fn app(id: &str, secrets: &[&str], keys: usize) -> ProtectedApp {
    let origin = WebOrigin::parse(&format!("https://{id}.example")).unwrap();
    let key = ClientKey { algorithm: SigningAlgorithm::Es256, pem: String::new() };
    let mut app = ProtectedApp::new(AppId::parse(id).unwrap(), vec![origin]);
    app.backend = Backend {
        secrets: secrets.iter().map(|text| SecretHash::parse(text).unwrap()).collect(),
        keys: vec![key; keys],
        exchanges: Vec::new(),
    };
    app
}

fn use_case() -> (AuthenticateClient, Arc<FakeClock>) {
    let clock = Arc::new(FakeClock::at(NOW));
    let other = format!("sha256:{}", "0".repeat(64));
    let apps = vec![app("costs", &[&other, HASH], 0), app("keyed", &[], 1), app("more", &[], 1)];
    let use_case = AuthenticateClient {
        apps: Apps::new(apps),
        verifier: Arc::new(Verifier),
        audiences: vec![ISSUER.into(), ENDPOINT.into()],
        clock: clock.clone(),
        used: UsedAssertions::default(),
    };
    (use_case, clock)
}

fn assertion(changed: Value) -> String {
    let mut claims = json!({
        "iss": "keyed", "sub": "keyed", "aud": ENDPOINT, "exp": NOW + 60, "jti": "1",
    });
    for (name, value) in changed.as_object().unwrap() {
        claims[name] = value.clone();
    }
    format!("e30.{}.signed", BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()))
}

fn run(use_case: &AuthenticateClient, assertion: &str) -> Result<String, ClientRefused> {
    let app = use_case.run(ClientCredential::Assertion(None, assertion));
    app.map(|app| app.id.to_string())
}

#[rstest]
#[case::right("costs", "secret", Ok("costs"))]
#[case::wrong("costs", "Secret", Err(ClientRefused::Secret))]
#[case::empty("costs", "", Err(ClientRefused::Secret))]
#[case::of_an_app_with_keys_alone("keyed", "secret", Err(ClientRefused::Method))]
#[case::unknown("nobody", "secret", Err(ClientRefused::Unknown))]
#[case::no_id("", "secret", Err(ClientRefused::Unknown))]
fn run_by_secret(
    #[case] id: &str,
    #[case] secret: &str,
    #[case] expected: Result<&str, ClientRefused>,
) {
    let app = use_case().0.run(ClientCredential::Secret(id, secret));
    assert_eq!(app.map(|app| app.id.to_string()), expected.map(str::to_owned));
}

#[rstest]
#[case::token_endpoint(json!({}), Ok("keyed"))]
#[case::issuer(json!({ "aud": ISSUER }), Ok("keyed"))]
#[case::list_of_one(json!({ "aud": [ISSUER] }), Ok("keyed"))]
#[case::list_of_two(json!({ "aud": [ISSUER, ENDPOINT] }), Err(ClientRefused::Audience))]
#[case::elsewhere(json!({ "aud": "https://other.example" }), Err(ClientRefused::Audience))]
#[case::no_audience(json!({ "aud": null }), Err(ClientRefused::Audience))]
#[case::other_issuer(json!({ "iss": "more" }), Err(ClientRefused::Subject))]
#[case::unknown(json!({ "sub": "nobody" }), Err(ClientRefused::Unknown))]
#[case::without_keys(json!({ "iss": "costs", "sub": "costs" }), Err(ClientRefused::Method))]
#[case::expired_within_the_leeway(json!({ "exp": NOW - 59 }), Ok("keyed"))]
#[case::expired(json!({ "exp": NOW - 60 }), Err(ClientRefused::Lifetime))]
#[case::as_long_as_may_be(json!({ "exp": NOW + 360 }), Ok("keyed"))]
#[case::too_long(json!({ "exp": NOW + 361 }), Err(ClientRefused::Lifetime))]
#[case::for_ever(json!({ "exp": u64::MAX }), Err(ClientRefused::Lifetime))]
#[case::no_end(json!({ "exp": null }), Err(ClientRefused::Lifetime))]
#[case::early_within_the_leeway(json!({ "nbf": NOW + 60 }), Ok("keyed"))]
#[case::early(json!({ "nbf": NOW + 61 }), Err(ClientRefused::Lifetime))]
#[case::issued_in_the_future(json!({ "iat": NOW + 61 }), Err(ClientRefused::Lifetime))]
#[case::begins_at_a_text(json!({ "nbf": "1000" }), Err(ClientRefused::Lifetime))]
#[case::begins_in_a_fraction(json!({ "nbf": 1.5 }), Err(ClientRefused::Lifetime))]
#[case::issued_at_a_huge_number(json!({ "iat": 1e300 }), Err(ClientRefused::Lifetime))]
#[case::no_id(json!({ "jti": null }), Err(ClientRefused::Replay))]
#[case::empty_id(json!({ "jti": "" }), Err(ClientRefused::Replay))]
fn run_by_assertion(#[case] changed: Value, #[case] expected: Result<&str, ClientRefused>) {
    let (use_case, _) = use_case();
    assert_eq!(run(&use_case, &assertion(changed)), expected.map(str::to_owned));
}

#[rstest]
#[case::no_jwt("a")]
#[case::no_claims("a..signed")]
#[case::no_object("a.MQ.signed")]
fn run_refuses_what_is_no_jwt(#[case] text: &str) {
    assert_eq!(run(&use_case().0, text), Err(ClientRefused::Signature));
}

#[test]
fn assertion_that_nobody_signed_and_one_of_another_id_are_refused() {
    let (use_case, _) = use_case();
    let unsigned = assertion(json!({})).replace(".signed", ".forged");
    assert_eq!(run(&use_case, &unsigned), Err(ClientRefused::Signature));
    let named = ClientCredential::Assertion(Some("more"), &assertion(json!({})));
    assert_eq!(use_case.run(named).map(|app| app.id.to_string()), Err(ClientRefused::Subject));
}

#[test]
fn assertion_is_taken_once_and_its_id_again_after_its_time() {
    let (use_case, clock) = use_case();
    let first = assertion(json!({}));
    assert_eq!(run(&use_case, &first), Ok("keyed".into()));
    assert_eq!(run(&use_case, &first), Err(ClientRefused::Replay));
    // An id belongs to its app.
    let more = json!({ "iss": "more", "sub": "more" });
    assert_eq!(run(&use_case, &assertion(more)), Ok("more".into()));
    clock.advance(Duration::from_secs(120));
    let later = json!({ "exp": NOW + 180 });
    assert_eq!(run(&use_case, &assertion(later)), Ok("keyed".into()));
}

#[test]
fn app_that_uses_too_many_assertions_keeps_no_other_out() {
    let (use_case, clock) = use_case();
    for number in 0..MAX_USED {
        let id = json!({ "jti": number.to_string() });
        assert_eq!(run(&use_case, &assertion(id)), Ok("keyed".into()));
    }
    let next = assertion(json!({ "jti": "next" }));
    assert_eq!(run(&use_case, &next), Err(ClientRefused::TooMany));
    let more = json!({ "iss": "more", "sub": "more" });
    assert_eq!(run(&use_case, &assertion(more)), Ok("more".into()));
    clock.advance(Duration::from_secs(120));
    let later = json!({ "jti": "later", "exp": NOW + 180 });
    assert_eq!(run(&use_case, &assertion(later)), Ok("keyed".into()));
}

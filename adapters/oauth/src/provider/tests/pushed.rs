//! Pushed authorization requests.

use rstest::rstest;

use super::*;

const SUPPORTED: &str = "pushed_authorization_request_endpoint";
const REQUIRED: &str = "require_pushed_authorization_requests";

impl Fixture {
    /// A fixture whose provider has these members in its metadata.
    async fn announcing(members: Value, authentication: ClientAuthentication) -> Self {
        let mut fixture = Self::new().await;
        fixture.sign_in.client_authentication = authentication;
        fixture.respond(DISCOVERY, move |request| {
            let base = format!("http://{}", request.headers["host"].to_str().unwrap());
            let mut document = discovery(&base);
            for (name, value) in members.as_object().unwrap() {
                let path = value.as_str().filter(|it| it.starts_with('/'));
                document[name] = path.map_or(value.clone(), |path| format!("{base}{path}").into());
            }
            Answer::json(document)
        });
        fixture.respond("/par", |_| {
            Answer::json(json!({"request_uri": "urn:example:1?a&b", "expires_in": 60}))
        });
        fixture
    }

    async fn pushing(authentication: ClientAuthentication) -> Self {
        Self::announcing(json!({SUPPORTED: "/par", REQUIRED: true}), authentication).await
    }
}

fn query(url: &Url) -> Vec<(String, String)> {
    url.query_pairs().into_owned().collect()
}

#[tokio::test]
async fn required_push_sends_the_parameters_and_the_browser_a_reference() {
    let plain = Fixture::new().await.authorization().await.unwrap();
    let fixture = Fixture::pushing(ClientAuthentication::Post).await;
    let authorization = fixture.authorization().await.unwrap();
    let reference =
        [("flight", "1"), ("client_id", "portico"), ("request_uri", "urn:example:1?a&b")];
    let reference = reference.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(query(&authorization.url), reference);
    assert_eq!(authorization.url.path(), "/authorize");

    let pushed = &fixture.server.received("/par")[0];
    let expected = query(&plain.url);
    let pushed: Vec<(String, String)> =
        url::form_urlencoded::parse(pushed.body.as_bytes()).into_owned().collect();
    let secret = ("client_secret".to_owned(), "s3cret &+".to_owned());
    let expected: Vec<_> = expected.into_iter().skip(1).chain([secret]).collect();
    assert_eq!(pushed, expected);
}

#[tokio::test]
async fn push_authenticates_by_basic_header_if_declared() {
    let fixture = Fixture::pushing(ClientAuthentication::Basic).await;
    fixture.authorization().await.unwrap();
    fixture.redeem().await.unwrap();
    let header = |path: &str| fixture.server.received(path)[0].headers["authorization"].clone();
    assert_eq!(header("/par"), header("/token"));
    assert_eq!(fixture.server.received("/par")[0].field("client_secret"), None);
}

#[rstest]
#[case::supported_only(json!({SUPPORTED: "/par"}))]
#[case::not_required(json!({SUPPORTED: "/par", REQUIRED: false}))]
#[case::null(json!({SUPPORTED: null, REQUIRED: null}))]
#[tokio::test]
async fn nothing_is_pushed_unless_required(#[case] members: Value) {
    let fixture = Fixture::announcing(members, ClientAuthentication::Post).await;
    let authorization = fixture.authorization().await.unwrap();
    assert!(authorization.url.query_pairs().any(|(name, _)| name == "code_challenge"));
    assert_eq!(fixture.server.count("/par"), 0);
}

#[rstest]
#[case::without_endpoint(json!({REQUIRED: true}), "discovery_unreadable")]
#[case::as_text(json!({SUPPORTED: "/par", REQUIRED: "true"}), "discovery_unreadable")]
#[case::plain_http(json!({SUPPORTED: "http://a.example/par", REQUIRED: true}), "discovery_endpoint")]
#[case::reserved_parameter(json!({SUPPORTED: "/par?state=1", REQUIRED: true}), "endpoint_parameter")]
#[tokio::test]
async fn faulty_push_metadata_is_refused(#[case] members: Value, #[case] check: &str) {
    let fixture = Fixture::announcing(members, ClientAuthentication::Post).await;
    assert_eq!(code(fixture.authorization().await), check);
}

#[tokio::test]
async fn faulty_push_response_is_refused_and_its_error_has_no_secret() {
    let fixture = Fixture::pushing(ClientAuthentication::Post).await;
    let faults: [Case; 9] = [
        (|_| Answer::json("<html>"), "pushed_request_reply_unreadable"),
        (|_| Answer::json(json!({"expires_in": 60})), "pushed_request_reply_unreadable"),
        (|_| Answer::json(json!({"request_uri": 7})), "pushed_request_reply_unreadable"),
        (|_| Answer::json(json!({"request_uri": "no uri"})), "pushed_request_reply_unreadable"),
        (
            |_| Answer::json(json!({"request_uri": format!("urn:{}", "x".repeat(2_000))})),
            "pushed_request_reply_unreadable",
        ),
        (|_| Answer::status(503), "unreachable"),
        (|_| Answer::status(302), "pushed_request_redirects"),
        (|_| Answer::error(400, json!({"error": "temporarily_unavailable"})), "unreachable"),
        (
            |it| {
                Answer::error(
                    400,
                    json!({"error": "invalid_request", "error_description": it.body}),
                )
            },
            "refused",
        ),
    ];
    for (fault, expected) in faults {
        fixture.respond("/par", fault);
        assert_eq!(code(fixture.authorization().await), expected);
    }
    let error = fixture.authorization().await.unwrap_err().to_string();
    assert!(error.contains("(removed)") && !error.contains("s3cret"), "{error}");
}

#[tokio::test]
async fn push_refused_for_its_credential_is_repeated_with_a_newer_one() {
    let mut fixture = Fixture::pushing(ClientAuthentication::Post).await;
    let secret = |text: &str| ClientCredential::Secret(ClientSecret::new(text));
    let provider = OpenIdProvider::new(http(), fixture.clock.clone(), "portico", None);
    let read: ReadCredential = Arc::new(move || Some(secret("new")));
    fixture.provider = Arc::new(provider.with_credential(&secret("old"), read).unwrap());
    fixture.respond("/par", |request| match request.field("client_secret").as_deref() {
        Some("new") => Answer::json(json!({"request_uri": "urn:example:1"})),
        _ => Answer::error(401, json!({"error": "invalid_client"})),
    });
    fixture.authorization().await.unwrap();
    assert_eq!(fixture.server.count("/par"), 2);
}

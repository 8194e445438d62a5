//! Forged proxy headers, and requests from other origins.

use portico_e2e::personas;
use reqwest::{Method, RequestBuilder};
use rstest::rstest;

use crate::scenario::{HostileScenario, Refusal, TestClient, parameter};

/// Headers that only a proxy should set, and credentials that Portico does not accept.
const FORGED: [(&str, &str); 26] = [
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-host", "127.0.0.1, evil.example"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-scheme", "https"),
    ("x-forwarded-ssl", "on"),
    ("x-forwarded-port", "443"),
    ("x-forwarded-prefix", "//evil.example"),
    ("x-forwarded-for", "127.0.0.1"),
    ("x-forwarded-uri", "/dashboard"),
    ("x-forwarded-server", "evil.example"),
    ("x-forwarded-user", "zofia.nowak@contoso.example"),
    ("x-forwarded-email", "zofia.nowak@contoso.example"),
    ("x-forwarded-access-token", "e30.e30."),
    ("forwarded", "for=127.0.0.1;host=evil.example;proto=https"),
    ("x-real-ip", "127.0.0.1"),
    ("x-original-host", "evil.example"),
    ("x-original-url", "/dashboard"),
    ("x-rewrite-url", "/dashboard"),
    ("x-host", "evil.example"),
    ("x-auth-request-user", "zofia"),
    ("x-auth-request-email", "zofia.nowak@contoso.example"),
    ("x-auth-request-access-token", "e30.e30."),
    ("x-ms-client-principal", "eyJ1c2VySWQiOiJ6b2ZpYSJ9"),
    ("remote-user", "zofia"),
    ("authorization", "Bearer e30.e30."),
    ("authorization", "Basic em9maWE6em9maWE="),
];

#[tokio::test]
async fn forwarded_headers_of_untrusted_clients_are_ignored() {
    let scenario = HostileScenario::start(&[]).await;
    let base = scenario.base();
    let redirect_uri = format!("{base}/getAToken");
    let all = |request: RequestBuilder| {
        FORGED.iter().fold(request, |request, (name, value)| request.header(*name, *value))
    };
    let mut shapes: Vec<Box<dyn Fn(RequestBuilder) -> RequestBuilder>> = vec![
        Box::new(all),
        Box::new(|request| request.header("host", "evil.example")),
        Box::new(|request| request.header("host", "127.0.0.1.evil.example")),
    ];
    for (name, value) in FORGED {
        shapes.push(Box::new(move |request| request.header(name, value)));
    }
    for shape in shapes {
        let mut client = TestClient::default();
        let no_session = Refusal::new(401, "no_session").without_provider_request();
        let url = format!("{base}/api/session");
        scenario.assert_request_refused(&mut client, Method::GET, url, &shape, no_session).await;

        scenario.tried(2);
        let url = format!("{base}/api/login/azure?login_hint={}", personas::AMARA.user_name);
        let begun = client.browser.send(Method::GET, &url, &shape).await;
        assert_eq!(begun.status, 302);
        assert_eq!(parameter(&begun.location(), "redirect_uri"), redirect_uri);
        let cookie = begun.headers["set-cookie"].to_str().unwrap();
        assert!(!cookie.contains("Domain") && !cookie.contains("__Host-"), "{cookie}");
        let callback = client.browser.get(begun.location()).await.location();
        let ended = client.browser.send(Method::GET, callback.as_str(), &shape).await;
        assert_eq!(ended.location().as_str(), "http://localhost:3000/dashboard");
        let dashboard = format!("{base}/dashboard");
        let shown = TestClient::default().browser.send(Method::GET, &dashboard, &shape).await;
        assert_eq!(shown.location().as_str(), format!("{base}/"));
        for response in [&begun, &ended, &shown] {
            let text = format!("{:?}{}", response.headers, response.body);
            assert!(!text.contains("evil.example"), "{text}");
        }
    }
    assert!(scenario.emulator().requests().iter().all(|request| {
        request.headers.iter().all(|(_, value)| !value.contains("evil.example"))
    }));
}

/// Origins other than Portico's and the dashboard's, and values that are no origins.
fn other_origins(base: &str) -> [String; 24] {
    let (host, port) = base.rsplit_once(':').unwrap();
    [
        "https://evil.example".to_owned(),
        "null".to_owned(),
        String::new(),
        "*".to_owned(),
        host.to_owned(),
        format!("{base}/"),
        format!("{base}/dashboard"),
        format!("{base}.evil.example"),
        format!("{base}@evil.example"),
        format!("{base} "),
        format!("{base},{base}"),
        format!("{base} https://evil.example"),
        base.to_uppercase(),
        base.replace("http:", "https:"),
        base.replace("127.0.0.1", "localhost"),
        base.replace("http://", ""),
        format!("{host}:{}", port.parse::<u16>().unwrap() ^ 1),
        "http://localhost".to_owned(),
        "http://localhost:3001".to_owned(),
        "https://localhost:3000".to_owned(),
        "http://localhost:3000.evil.example".to_owned(),
        "http://xlocalhost:3000".to_owned(),
        "file://".to_owned(),
        "chrome-extension://aaaa".to_owned(),
    ]
}

#[tokio::test]
async fn logout_from_another_origin_is_refused() {
    let scenario = HostileScenario::start(&[]).await;
    let base = scenario.base();
    let url = format!("{base}/api/logout");
    let mut zofia = TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await;
    let wrong = Refusal::new(403, "wrong_origin").without_provider_request();
    for origin in &other_origins(base) {
        if origin.trim() == base {
            // Whitespace around a header value is no part of it (RFC 9110 section 5.5).
            continue;
        }
        let shape = |request: RequestBuilder| request.header("origin", origin);
        scenario.assert_request_refused(&mut zofia, Method::POST, &url, shape, wrong).await;
        let form = |request: RequestBuilder| {
            let form = "application/x-www-form-urlencoded";
            request.header("origin", origin).header("content-type", form).body("everywhere=true")
        };
        scenario.assert_request_refused(&mut zofia, Method::POST, &url, form, wrong).await;
    }
}

#[rstest]
#[case::without_origin(|request: RequestBuilder| request)]
#[case::with_referer(
    |request: RequestBuilder| request.header("referer", "http://localhost:3000/dashboard")
)]
#[case::with_fetch_metadata(
    |request: RequestBuilder| request.header("sec-fetch-site", "same-origin")
)]
#[case::with_forwarded_host(
    |request: RequestBuilder| request.header("x-forwarded-host", "evil.example")
)]
#[case::with_requested_with(
    |request: RequestBuilder| request.header("x-requested-with", "XMLHttpRequest")
)]
#[case::with_two_origins(|request: RequestBuilder| {
    let request = request.header("origin", "http://localhost:3000");
    request.header("origin", "https://evil.example")
})]
#[tokio::test]
async fn logout_without_exactly_one_origin_is_refused(
    #[case] shape: fn(RequestBuilder) -> RequestBuilder,
) {
    let scenario = HostileScenario::start(&[]).await;
    let url = format!("{}/api/logout", scenario.base());
    let mut zofia = TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await;
    let wrong = Refusal::new(403, "wrong_origin").without_provider_request();
    scenario.assert_request_refused(&mut zofia, Method::POST, &url, shape, wrong).await;
}

#[tokio::test]
async fn logout_by_another_method_or_path_ends_no_session() {
    let scenario = HostileScenario::start(&[]).await;
    let base = scenario.base();
    let url = format!("{base}/api/logout");
    let mut zofia = TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await;
    let refused = Refusal::new(405, "method_not_allowed").without_provider_request();
    for method in ["GET", "PUT", "PATCH", "DELETE", "POSTS", "post", "PROPFIND", "TRACE"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let with_origin = |request: RequestBuilder| request.header("origin", base);
        scenario.assert_request_refused(&mut zofia, method.clone(), &url, |it| it, refused).await;
        for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
            let shape = |request: RequestBuilder| request.header(name, "POST");
            scenario.assert_request_refused(&mut zofia, method.clone(), &url, shape, refused).await;
        }
        if method != Method::TRACE {
            scenario.assert_request_refused(&mut zofia, method, &url, with_origin, refused).await;
        }
    }
    for query in ["?_method=POST", "?everywhere=true", "?origin=http://localhost:3000"] {
        scenario.assert_refused(&mut zofia, format!("{url}{query}"), refused).await;
    }
    for path in ["/api/Logout", "/api//logout", "/logout", "/api/logout/x"] {
        let missing = Refusal::new(404, "not_found").without_provider_request();
        let with_origin = |request: RequestBuilder| request.header("origin", base);
        let url = format!("{base}{path}");
        scenario.assert_request_refused(&mut zofia, Method::POST, url, with_origin, missing).await;
    }
}

#[tokio::test]
async fn cross_origin_script_cannot_read_responses() {
    let scenario = HostileScenario::start(&[]).await;
    let base = scenario.base();
    let mut zofia = TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await;
    let wrong = Refusal::new(403, "wrong_origin").without_provider_request();
    for origin in ["https://evil.example", "null", "http://localhost:3001", "http://127.0.0.1"] {
        for path in ["/api/session", "/api/providers"] {
            let shape = |request: RequestBuilder| request.header("origin", origin);
            let url = format!("{base}{path}");
            let response =
                scenario.assert_request_refused(&mut zofia, Method::GET, &url, shape, wrong).await;
            assert!(response.headers.get("access-control-allow-origin").is_none());
            assert!(!response.body.contains(personas::ZOFIA.name));
            let preflight = |request: RequestBuilder| {
                request.header("origin", origin).header("access-control-request-method", "GET")
            };
            let response = scenario
                .assert_request_refused(&mut zofia, Method::OPTIONS, &url, preflight, wrong)
                .await;
            assert!(response.headers.get("access-control-allow-origin").is_none());
        }
    }
}

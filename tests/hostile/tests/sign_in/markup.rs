//! External text on the pages of Portico, in its responses and in its log.

use portico_e2e::{FaultKind, Response, Target, personas};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::scenario::{
    HostileScenario, Refusal, TestClient, claim, invalid_response, with_parameter,
};

/// Markup that must be escaped on a page. Each text contains the marker `zzz`.
const MARKUP: [&str; 14] = [
    "<script>zzz()</script>",
    "</title><script>zzz()</script>",
    "<img src=x onerror=zzz()>",
    "\"><svg onload=zzz()>",
    "' onmouseover='zzz()",
    "\" autofocus onfocus=\"zzz()",
    "<a href=javascript:zzz()>x</a>",
    "<style>*{background:url(//zzz)}</style>",
    "<base href=//zzz/>",
    "<meta http-equiv=refresh content=0;url=//zzz>",
    "<!--zzz",
    "{{zzz}}{%zzz%}${zzz}",
    "&lt;script&gt;zzz()&lt;/script&gt;",
    "\u{202e}zzz\u{2066}\u{200b}\u{7}\0\r\nSet-Cookie: zzz=1\r\n\r\n<script>zzz()</script>",
];

/// Accepts HTML, as a browser does.
fn accept_html(request: RequestBuilder) -> RequestBuilder {
    request.header("accept", "text/html,application/xhtml+xml")
}

/// Asserts that a page or JSON response contains the markup as text only and that no header has it.
fn assert_escaped(response: &Response) {
    for (name, value) in &response.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        assert!(!value.contains("zzz"), "{name}: {value}");
    }
    assert_eq!(response.headers["x-content-type-options"], "nosniff");
    let content_type = response.headers["content-type"].to_str().unwrap();
    if content_type.starts_with("application/json") {
        let _: Value = response.json();
        return;
    }
    assert!(content_type.starts_with("text/html"), "{content_type}");
    let policy = response.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    // The marker must not be within a tag; templates do not contain it.
    for (at, _) in response.body.match_indices("zzz") {
        let before = &response.body[..at];
        let in_a_tag = before.rfind('<') > before.rfind('>');
        assert!(!in_a_tag, "…{}", &response.body[at.saturating_sub(80)..]);
    }
    // The dashboard has two scripts of its own, at its end.
    let body = response.body.replacen("<script>addEventListener(\"pagehide\"", "", 1);
    let body = body.replacen("<script src=\"/assets/dashboard.js?", "", 1);
    for element in ["<script", "<img src=x", "<svg", "<style", "<base", "<meta http", "<!--zzz"] {
        assert!(!body.contains(element), "{element} in {body}");
    }
    let invisible =
        |c: char| (c.is_control() && !c.is_whitespace()) || ('\u{200b}'..='\u{2069}').contains(&c);
    for line in response.body.lines().filter(|line| line.contains("zzz")) {
        assert!(!line.contains(invisible), "{line:?}");
    }
}

/// Asserts that every log line is one short JSON object.
fn assert_log_lines_are_json(scenario: &HostileScenario) {
    for line in scenario.world.portico.log().lines() {
        let parsed: Result<Value, _> = serde_json::from_str(line);
        assert!(parsed.is_ok_and(|line| line.is_object()), "a forged line: {line:?}");
        assert!(line.len() < 4_000, "{} bytes in one line", line.len());
    }
}

#[tokio::test]
async fn provider_error_with_markup_is_escaped() {
    let scenario = HostileScenario::start(&[]).await;
    let long = format!("zzz{}", "x".repeat(7_000));
    for text in MARKUP.into_iter().chain([long.as_str()]) {
        for name in ["error_description", "error", "error_uri"] {
            for shape in [accept_html as fn(_) -> _, |request| request] {
                scenario.tried(1);
                let mut client = TestClient::default();
                let callback = client.at_callback(&scenario).await;
                let denied = with_parameter(&callback, "error", Some("access_denied"));
                let denied = with_parameter(&denied, "code", None);
                let denied = with_parameter(&denied, name, Some(text));
                let response = client.browser.send(Method::GET, denied.as_str(), shape).await;
                assert_eq!(response.status, 403, "{text}");
                assert_escaped(&response);
                assert!(!response.body.contains("zzz"), "text of the provider is shown");
            }
        }
    }
    assert_log_lines_are_json(&scenario);
}

#[tokio::test]
async fn request_with_markup_is_escaped_in_responses() {
    let scenario = HostileScenario::start(&[]).await;
    for text in MARKUP {
        let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let path = encoded.replace('+', "%20");
        for target in [
            format!("/getAToken?{encoded}=1&{encoded}=2"),
            format!("/getAToken?state={encoded}&code={encoded}"),
            format!("/getAToken?code={encoded}"),
            format!("/api/login/{path}"),
            format!("/api/callback/{path}?code=x&state=y"),
            format!("/api/login/azure?tenant={encoded}"),
            format!("/api/login/azure?prompt={encoded}"),
            format!("/api/login/azure?{encoded}=1&{encoded}=2"),
            format!("/{path}"),
            format!("/api/{path}"),
            format!("/assets/{path}"),
            format!("/assets/providers/{path}.svg"),
        ] {
            for shape in [accept_html as fn(_) -> _, |request| request] {
                scenario.tried(1);
                let mut client = TestClient::default();
                let url = format!("{}{target}", scenario.base());
                let response = client.browser.send(Method::GET, &url, shape).await;
                assert_eq!(response.status.as_u16() / 100, 4, "{target}");
                assert_escaped(&response);
            }
        }
    }
    assert_log_lines_are_json(&scenario);
}

#[tokio::test]
async fn names_with_markup_or_control_characters_are_escaped_and_truncated() {
    let scenario = HostileScenario::start(&[]).await;
    let long = [format!("zzz{}", "ż".repeat(5_000)), format!("zzz{}", "<b>".repeat(3_000))];
    for text in MARKUP.into_iter().chain(long.iter().map(String::as_str)) {
        scenario.tried(1);
        scenario.inject(Target::Subscriptions, &[FaultKind::SetNames { text: text.into() }]);
        scenario.inject(Target::Token, &[claim("name", text), claim("preferred_username", text)]);
        let mut client = TestClient::default();
        let callback = client.at_callback(&scenario).await;
        let response = client.browser.get(callback).await;
        scenario.emulator().clear_faults();
        assert_eq!(response.status, 302, "{text}: {response:?}");
        let session = client.browser.session(scenario.base()).await;
        assert_escaped(&session);
        let account = session.json()["accounts"][0].clone();
        let details = account["subscriptionDetails"].as_array().unwrap().clone();
        assert_eq!(details.len(), 7);
        let names = details.iter().map(|it| &it["displayName"]).chain([&account["displayName"]]);
        for name in names {
            let name = name.as_str().unwrap();
            assert!(name.contains("zzz") && name.chars().count() <= 256, "{name:?}");
            assert!(!name.contains(|c: char| c.is_control() || c == '\u{202e}'), "{name:?}");
        }
        for path in ["/dashboard", "/"] {
            let url = format!("{}{path}", scenario.base());
            let page = client.browser.send(Method::GET, &url, accept_html).await;
            assert_eq!(page.status, 200);
            assert!(page.body.contains("zzz") && page.body.len() < 100_000, "{text}");
            assert_escaped(&page);
        }
    }
    assert_log_lines_are_json(&scenario);
}

#[tokio::test]
async fn oversized_provider_texts_are_refused() {
    let scenario = HostileScenario::start(&[]).await;
    let megabyte = "zzz<b>".repeat(170_000);
    scenario
        .assert_login_refused(
            &[claim("name", megabyte.as_str())],
            invalid_response("token_reply_too_large"),
        )
        .await;
    scenario
        .assert_login_refused(
            &[claim("name", &megabyte[..100_000])],
            invalid_response("id_token_too_large"),
        )
        .await;
    for name in [json!(null), json!(7), json!(["<b>"]), json!({ "zzz": 1 }), json!(""), json!("\0")]
    {
        scenario
            .assert_login_accepted(&[
                claim("name", name.clone()),
                claim("preferred_username", name),
            ])
            .await;
    }
    for length in [100_000, 1_000_000] {
        scenario.tried(1);
        let text = megabyte[..length].to_owned();
        scenario.inject(Target::Subscriptions, &[FaultKind::SetNames { text }]);
        let mut client = TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await;
        scenario.emulator().clear_faults();
        let session = client.browser.session(scenario.base()).await;
        assert!(session.body.len() < 20_000, "{} bytes", session.body.len());
    }
    // Errors of the token endpoint contain external text too.
    for description in [MARKUP[13], &megabyte[..200_000]] {
        let error = "<script>zzz()</script>\r\n".into();
        let fault = FaultKind::OauthError { error, description: description.into() };
        scenario.assert_login_refused(&[fault], Refusal::new(403, "provider_refused")).await;
    }
    assert_log_lines_are_json(&scenario);
}

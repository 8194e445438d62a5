//! `return_to`: the final redirect of a login.

use portico_e2e::personas;
use url::{Url, form_urlencoded};

use crate::scenario::{HostileScenario, TestClient, bad_request};

const DASHBOARD: &str = "https://app.example/dashboard";

/// Signs in with this percent-encoded `return_to` and returns the final redirect.
async fn final_redirect(scenario: &HostileScenario, raw: &str) -> Url {
    scenario.tried(1);
    let mut client = TestClient::default();
    let query = format!("login_hint={}&return_to={raw}", personas::AMARA.user_name);
    let callback = client.browser.up_to_callback(scenario.base(), &query).await;
    let response = client.browser.get(callback).await;
    assert_eq!(response.status, 302, "{raw}: {response:?}");
    // Browsers may interpret other characters in a URL in their own way.
    let location = response.headers["location"].to_str().unwrap();
    assert!(location.bytes().all(|b| b.is_ascii_graphic() && b != b'\\'), "{location:?}");
    Url::parse(location).unwrap()
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Values that are not on the origins of Portico or the dashboard, or are no URLs.
const OTHER_TARGETS: &[&str] = &[
    "https://evil.example",
    "https://evil.example/",
    "HTTPS://EVIL.EXAMPLE/",
    "http://evil.example/dashboard",
    "//evil.example",
    "//evil.example/https://app.example/dashboard",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    "\n//evil.example",
    "\0//evil.example",
    "\u{1f}//evil.example",
    " //evil.example",
    "\u{a0}//evil.example",
    "\u{feff}//evil.example",
    "\u{2028}//evil.example",
    "/\u{ad}/evil.example",
    "/\u{200b}/evil.example",
    "／／evil.example",
    "/／evil.example",
    "/evil.example\r\nSet-Cookie: a=b",
    "/\r\n\r\n<script>alert(1)</script>",
    "/a b",
    "/ż",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https:\\\\evil.example",
    "https:\\evil.example",
    "http:app.example",
    "https://app.example@evil.example/",
    "https://app.example:443@evil.example/",
    "https://app.example%40evil.example/",
    "https://app.example\\@evil.example/",
    "https://app.example\\.evil.example/",
    "https://app.example%00.evil.example/",
    "https://app.example%2f@evil.example/",
    "https://app.example#@evil.example/\n",
    "https://app.example?@evil.example/ ",
    "https://user@app.example/",
    "https://user:password@app.example/",
    "https://:password@app.example/",
    "https://app.example.evil.example/",
    "https://evil-app.example/",
    "https://xapp.example/",
    "https://app.example./",
    "https://.app.example/",
    "https://app。example/",
    "https://app．example/",
    "https://evil。example/",
    "https://ａｐｐ.example/",
    "https://аpp.example/",
    "https://xn--pp-6kc.example/",
    "http://app.example/",
    "http://app.example:443/",
    "https://app.example:80/",
    "https://app.example:444/",
    "https://app.example:8443/dashboard",
    "https://app.example:0/",
    "https://app.example:99999/",
    "https://[app.example]/",
    "https://app.example[/",
    "ftp://app.example/",
    "wss://app.example/",
    "blob:https://app.example/x",
    "view-source:https://app.example/",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\nscript:alert(1)",
    "javascript://app.example/%0aalert(1)",
    " javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "about:blank",
    "mailto:a@b.example",
    "intent://evil.example#Intent;scheme=https;end",
    "dashboard",
    "./dashboard",
    "../dashboard",
    ".evil.example",
    "@evil.example",
    ":80",
    "?x",
    "#x",
    "",
    " ",
    "null",
    "undefined",
];

#[tokio::test]
async fn return_to_another_origin_is_replaced_by_the_dashboard() {
    let scenario = HostileScenario::start(&[("DASHBOARD_URL", DASHBOARD)]).await;
    let port = Url::parse(scenario.base()).unwrap().port().unwrap();
    let similar = [
        format!("/{}", "a".repeat(2_048)),
        format!("{DASHBOARD}?{}", "a".repeat(7_000)),
        format!("http://127.0.0.1:{}/", port ^ 1),
        format!("https://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://127.0.0.1:{port}@evil.example/"),
        format!("//127.0.0.1:{port}/"),
    ];
    for target in OTHER_TARGETS.iter().copied().chain(similar.iter().map(String::as_str)) {
        let location = final_redirect(&scenario, &encoded(target)).await;
        assert_eq!(location.as_str(), DASHBOARD, "{target:?}");
    }
}

#[tokio::test]
async fn return_to_path_stays_on_the_own_origin() {
    let scenario = HostileScenario::start(&[("DASHBOARD_URL", DASHBOARD)]).await;
    let own = Url::parse(scenario.base()).unwrap().origin();
    for target in [
        "/%2F/evil.example",
        "/%2f%2fevil.example",
        "/%5cevil.example",
        "/%5C%5Cevil.example",
        "/%09/evil.example",
        "/%0d%0aSet-Cookie:a=b",
        "/%00",
        "/.//evil.example",
        "/..//evil.example",
        "/../../evil.example",
        "/x/..//evil.example",
        "/%2e%2e//evil.example",
        "/%2e//evil.example",
        "/;//evil.example",
        "/:80//evil.example",
        "/@evil.example",
        "/?//evil.example",
        "/#//evil.example",
        "/https://evil.example",
        "/javascript:alert(1)",
        "/<script>alert(1)</script>",
        "/api/logout",
    ] {
        let location = final_redirect(&scenario, &encoded(target)).await;
        assert_eq!(location.origin(), own, "{target:?} redirects to {location}");
        assert!(location.username().is_empty() && location.password().is_none(), "{location}");
    }
    for raw in ["%ff%fe", "%", "%zz", "%2", "//evil.example", "%252f%252fevil.example", "+", "%20"]
    {
        let location = final_redirect(&scenario, raw).await;
        let is_allowed = location.as_str() == DASHBOARD || location.origin() == own;
        assert!(is_allowed, "{raw:?} redirects to {location}");
    }
}

#[tokio::test]
async fn return_to_is_refused_if_repeated_and_ignored_under_other_names() {
    let scenario = HostileScenario::start(&[("DASHBOARD_URL", DASHBOARD)]).await;
    let mut client = TestClient::default();
    for repeated in
        ["return_to=/a&return_to=//evil.example", "return_to=/a&return%5fto=//evil.example"]
    {
        let url = format!("{}/api/login/azure?{repeated}", scenario.base());
        let expected = bad_request("repeated_parameter");
        scenario.assert_refused(&mut client, url, expected).await;
    }
    // Neither other names nor parameters of the callback determine the target.
    for name in ["returnTo", "redirect", "next", "url", "redirect_uri", "rd", "RelayState"] {
        scenario.tried(1);
        let query = format!("login_hint={}&{name}=/x", personas::AMARA.user_name);
        let callback = client.browser.up_to_callback(scenario.base(), &query).await;
        let callback = format!("{callback}&{name}=/x&return_to=/x");
        assert_eq!(client.browser.get(callback).await.location().as_str(), DASHBOARD, "{name}");
    }
}

//! Listings with links to other addresses: the login succeeds with a warning, and no token is sent there.

use portico_e2e::{Emulator, Encoding, FaultKind, Options, Target, personas};
use url::Url;

use crate::scenario::{HostileScenario, TestClient};

/// Signs in and returns the numbers of subscriptions and warnings.
async fn list(scenario: &HostileScenario) -> (usize, usize) {
    scenario.tried(1);
    let mut client = TestClient::signed_in(scenario, personas::ZOFIA.user_name).await;
    let session = client.browser.session(scenario.base()).await.json();
    let count = |name: &str| session["accounts"][0][name].as_array().unwrap().len();
    (count("subscriptions"), count("warnings"))
}

/// Asserts that Resource Manager received this number of requests, all for pages of the list.
fn assert_pages_requested(scenario: &HostileScenario, pages: usize) {
    let host = scenario.emulator().http_url().authority().to_owned();
    let requests = scenario.emulator().requests();
    let calls = requests.iter().filter(|request| {
        !request.path.contains("/oauth2/") && !request.path.ends_with("/keys") && {
            !request.path.ends_with("/openid-configuration")
        }
    });
    let calls: Vec<_> = calls.collect();
    for call in &calls {
        assert_eq!((call.path.as_str(), call.header("host")), ("/subscriptions", Some(&*host)));
    }
    assert_eq!(calls.len(), pages, "{calls:?}");
}

/// URLs of a next page that are not on the address of the listing. `own` is the root URL of the cloud,
/// `other` that of another host.
fn other_addresses(own: &Url, other: &Url) -> Vec<String> {
    let query = "api-version=2022-12-01&%24skiptoken=ZnJvbT0z";
    let at = |url: &Url| format!("{url}subscriptions?{query}");
    let port = own.port().unwrap();
    vec![
        at(other),
        "https://evil.example/subscriptions?api-version=2022-12-01".to_owned(),
        at(own).replace("http:", "https:"),
        at(own).replace("127.0.0.1", "localhost"),
        at(own).replace("127.0.0.1", "[::1]"),
        at(own).replace("127.0.0.1", "127.0.0.1.evil.example"),
        at(own).replace("http://", "http://user@"),
        at(own).replace("http://", "http://user:password@"),
        at(other).replace("http://", &format!("http://127.0.0.1:{port}@")),
        at(other).replace("http://", &format!("http://127.0.0.1:{port}%2f@")),
        at(other).replace("http://", &format!("http://127.0.0.1:{port}\\@")),
        at(own).replace(&format!(":{port}"), ""),
        at(own).replace("/subscriptions", "/tenants"),
        at(own).replace("/subscriptions", "/subscriptions/../tenants"),
        at(own).replace("/subscriptions", "/subscriptions/%2e%2e/tenants"),
        at(own).replace("/subscriptions", "/subscriptions/x"),
        at(own).replace("/subscriptions", "/Subscriptions"),
        at(own).replace("/subscriptions", "/subscriptions%2f"),
        at(own).replace("/subscriptions", "/oidc/keys"),
        at(own).replace("http:", "ftp:"),
        at(own).replace("http:", "ws:"),
        format!("//{}/subscriptions?{query}", other.authority()),
        format!("\\\\{}\\subscriptions?{query}", other.authority()),
        format!("/subscriptions?{query}"),
        format!("?{query}"),
        "file:///etc/passwd".to_owned(),
        "javascript:alert(1)".to_owned(),
        "data:application/json,{}".to_owned(),
        "http://169.254.169.254/metadata/instance".to_owned(),
        "http://[::ffff:169.254.169.254]/subscriptions".to_owned(),
        "http://168.63.129.16/subscriptions".to_owned(),
        "http://0.0.0.0/subscriptions".to_owned(),
        "http://2130706433/subscriptions".to_owned(),
        "no address".to_owned(),
        " ".to_owned(),
        "x".repeat(100_000),
    ]
}

#[tokio::test]
async fn next_link_to_another_address_is_refused_without_a_token() {
    let scenario = HostileScenario::start(&[]).await;
    let evil = Emulator::start(Options::default()).await.unwrap();
    for link in other_addresses(scenario.emulator().http_url(), evil.http_url()) {
        scenario.emulator().clear_requests();
        scenario.inject(Target::Subscriptions, &[FaultKind::NextLink { url: link.clone() }]);
        let (subscriptions, warnings) = list(&scenario).await;
        scenario.emulator().clear_faults();
        let start_of_link = link.chars().take(120).collect::<String>();
        assert_eq!((subscriptions, warnings), (3, 1), "{start_of_link}");
        assert_pages_requested(&scenario, 1);
    }
    assert!(evil.requests().is_empty(), "{:?}", evil.requests());
}

#[tokio::test]
async fn listing_with_circular_next_links_ends() {
    let scenario = HostileScenario::start(&[]).await;
    let own = scenario.emulator().http_url().clone();
    let page = format!("{own}subscriptions?api-version=2022-12-01&%24skiptoken=ZnJvbT0z");
    // Each link is a page of the list that links to itself.
    for link in [
        page.clone(),
        page.replace("127.0.0.1", "127.1"),
        page.replace("127.0.0.1", "2130706433"),
        page.replace("127.0.0.1", "0x7f.0.0.1"),
        format!("{page}#x"),
        page.replace("/subscriptions", "/x/../subscriptions"),
        page.replace("/subscriptions", "/./subscriptions"),
        page.replace("http:", "HTTP:"),
        page.replace("http://", "http:\\\\"),
        page.replace("http://", "http://:@"),
        format!("\t{page}\n"),
    ] {
        scenario.emulator().clear_requests();
        scenario.inject(Target::Subscriptions, &[FaultKind::NextLink { url: link.clone() }]);
        assert_eq!(list(&scenario).await, (6, 1), "{link}");
        scenario.emulator().clear_faults();
        assert_pages_requested(&scenario, 2);
    }
    scenario.emulator().clear_requests();
    scenario.inject(Target::Subscriptions, &[FaultKind::NextLinkCircle]);
    assert_eq!(list(&scenario).await, (3, 1));
    assert_pages_requested(&scenario, 1);
}

#[tokio::test]
async fn listing_redirect_is_not_followed() {
    let scenario = HostileScenario::start(&[]).await;
    let evil = Emulator::start(Options::default()).await.unwrap();
    for code in [301, 302, 303, 307, 308] {
        for root in [scenario.emulator().http_url(), evil.http_url()] {
            scenario.emulator().clear_requests();
            let location = format!("{root}subscriptions?api-version=2022-12-01&x=y");
            scenario.inject(Target::Subscriptions, &[FaultKind::Redirect { location, code }]);
            assert_eq!(list(&scenario).await, (0, 1), "{code}");
            scenario.emulator().clear_faults();
            assert_pages_requested(&scenario, 1);
        }
    }
    assert!(evil.requests().is_empty(), "{:?}", evil.requests());
}

#[tokio::test]
async fn listing_page_that_echoes_a_token_is_withheld() {
    let scenario = HostileScenario::start(&[]).await;
    let encoded = Encoding::ALL.map(|encoding| FaultKind::EchoEncoded { encoding });
    for fault in [FaultKind::EchoToken].into_iter().chain(encoded) {
        scenario.inject(Target::Subscriptions, std::slice::from_ref(&fault));
        assert_eq!(list(&scenario).await, (0, 1), "{fault:?}");
        scenario.emulator().clear_faults();
    }
    let expected = 1 + Encoding::ALL.len();
    let portico = &scenario.world.portico;
    portico.logged(|it| it.log().matches("echoed_token").count() >= expected).await;
    assert_eq!(portico.log().matches("echoed_token").count(), expected, "{}", portico.log());
}

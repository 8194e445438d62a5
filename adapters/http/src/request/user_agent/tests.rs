use rstest::rstest;
use warp::http::HeaderValue;

use super::*;

fn read(values: &[&[u8]]) -> (Option<&'static str>, Option<&'static str>) {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(header::USER_AGENT, HeaderValue::from_bytes(value).unwrap());
    }
    let (browser, system) = user_agent(&headers);
    (browser.map(BrowserName::name), system.map(SystemName::name))
}

#[rstest]
#[case::firefox(
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Firefox",
    "Linux"
)]
#[case::chrome(
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
     Chrome/142.0.0.0 Safari/537.36",
    "Chrome",
    "Windows"
)]
#[case::edge(
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
     Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
    "Edge",
    "Windows"
)]
#[case::opera(
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) \
     Chrome/141.0.0.0 Safari/537.36 OPR/125.0.0.0",
    "Opera",
    "macOS"
)]
#[case::safari(
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
     Version/26.0 Safari/605.1.15",
    "Safari",
    "macOS"
)]
#[case::iphone(
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like \
     Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
    "Safari",
    "iOS"
)]
#[case::chrome_on_ios(
    "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
     CriOS/142.0.0.0 Mobile/15E148 Safari/604.1",
    "Chrome",
    "iOS"
)]
#[case::samsung(
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) \
     SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
    "Samsung Internet",
    "Android"
)]
#[case::chromebook(
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) \
     Chrome/142.0.0.0 Safari/537.36",
    "Chrome",
    "ChromeOS"
)]
fn user_agent_names_browser_and_system(
    #[case] header: &str,
    #[case] browser: &str,
    #[case] system: &str,
) {
    assert_eq!(read(&[header.as_bytes()]), (Some(browser), Some(system)));
}

#[rstest]
#[case::empty(b"")]
#[case::program(b"curl/8.5.0")]
#[case::markup(b"<b onclick=alert(1)>Firefox</b>")]
#[case::not_utf8(b"\xff\xfe\xfd")]
#[case::beyond_the_bound(&[&[b'a'; 512], b" Firefox/145.0 (X11)".as_slice()].concat())]
fn user_agent_names_nothing_that_is_unknown(#[case] header: &[u8]) {
    assert_eq!(read(&[header]), (None, None));
}

#[test]
fn user_agent_names_nothing_without_the_header_or_with_two() {
    assert_eq!(read(&[]), (None, None));
    assert_eq!(read(&[b"Firefox/145.0 (X11)", b"Chrome/142.0 (X11)"]), (None, None));
}

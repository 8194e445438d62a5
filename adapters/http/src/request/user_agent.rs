//! The browser and operating system in `User-Agent` (RFC 9110 section 10.1.5).
//!
//! Browsers name each other in it for compatibility, so the most particular product decides. A browser
//! that states no product of its own (Brave, Vivaldi) is called by the one that it states.

use portico_domain::session::{BrowserName, Client, SystemName};
use warp::http::{HeaderMap, header};

use super::RequestHead;
use crate::limits::LoginLimiter;

/// The longest part of the header that is read, in bytes.
const MAX_LEN: usize = 512;

/// Product tokens; the first that occurs decides.
const BROWSERS: [(&str, BrowserName); 11] = [
    ("Edg/", BrowserName::Edge),
    ("EdgA/", BrowserName::Edge),
    ("EdgiOS/", BrowserName::Edge),
    ("OPR/", BrowserName::Opera),
    ("SamsungBrowser/", BrowserName::SamsungInternet),
    ("Firefox/", BrowserName::Firefox),
    ("FxiOS/", BrowserName::Firefox),
    ("CriOS/", BrowserName::Chrome),
    ("Chromium/", BrowserName::Chrome),
    ("Chrome/", BrowserName::Chrome),
    ("Safari/", BrowserName::Safari),
];

/// Parts of the comment; the first that occurs decides.
const SYSTEMS: [(&str, SystemName); 8] = [
    ("Windows NT", SystemName::Windows),
    ("Android", SystemName::Android),
    ("iPhone", SystemName::Ios),
    ("iPad", SystemName::Ios),
    ("CrOS", SystemName::ChromeOs),
    ("Macintosh", SystemName::MacOs),
    ("Linux", SystemName::Linux),
    ("X11", SystemName::Linux),
];

/// What a login request tells about its browser.
pub(crate) fn session_client(limiter: &LoginLimiter, head: &RequestHead) -> Client {
    let (browser, system) = user_agent(&head.headers);
    Client { browser, system, address: limiter.client(head.peer.0, &head.headers) }
}

/// The browser and operating system that the request states. `None` each if it states none that is
/// known, or has the header more than once.
fn user_agent(headers: &HeaderMap) -> (Option<BrowserName>, Option<SystemName>) {
    let mut values = headers.get_all(header::USER_AGENT).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return (None, None) };
    let bytes = value.as_bytes();
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_LEN)]);
    (first_in(&text, &BROWSERS), first_in(&text, &SYSTEMS))
}

fn first_in<T: Copy>(text: &str, names: &[(&str, T)]) -> Option<T> {
    names.iter().find(|(part, _)| text.contains(part)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
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
}

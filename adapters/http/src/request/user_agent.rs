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
mod tests;

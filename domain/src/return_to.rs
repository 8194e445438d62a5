//! Where a login ends: the one redirect whose target somebody outside may choose.

use url::{Origin, Url};

/// The longest target that is taken, in bytes: it goes into a cookie.
const MAX_LEN: usize = 1_024;

/// The places a login may end at.
#[derive(Clone, Debug)]
pub struct Destinations {
    portico: Url,
    dashboard: Url,
    /// More dashboards: a login may end on their origins where it is asked to.
    others: Vec<Url>,
}

/// An absolute URL on the origin of Portico or of a dashboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTo(Url);

impl Destinations {
    /// `portico` is Portico's own base URL, `dashboard` the default end of a login.
    pub fn new(portico: Url, dashboard: Url) -> Self {
        Self { portico, dashboard, others: Vec::new() }
    }

    /// The same, with more dashboards that have all that the first one has but being the default.
    pub fn with_dashboards(self, others: impl IntoIterator<Item = Url>) -> Self {
        Self { others: others.into_iter().collect(), ..self }
    }

    /// The target that was asked for, or the dashboard where it is anything but a path of Portico
    /// or a URL on the origin of a dashboard.
    ///
    /// The result is always absolute: a browser that resolves a relative `Location` by rules of its
    /// own (backslashes, tabs, `//`) has nothing left to resolve.
    pub fn resolve(&self, asked: Option<&str>) -> ReturnTo {
        let taken = asked.and_then(|asked| self.taken(asked));
        taken.unwrap_or_else(|| ReturnTo(self.dashboard.clone()))
    }

    /// The target that was asked for, where a login may end there.
    pub fn taken(&self, asked: &str) -> Option<ReturnTo> {
        let target = self.path(asked).or_else(|| self.on_dashboard(asked));
        // Parsing percent-encodes some characters, each of which then takes three.
        target.filter(|target| target.as_str().len() <= MAX_LEN).map(ReturnTo)
    }

    /// The origins whose pages may call Portico: its own, which is the first, and those of the
    /// dashboards.
    pub fn origins(&self) -> Vec<Origin> {
        std::iter::once(&self.portico).chain(self.dashboards()).map(Url::origin).collect()
    }

    /// Every dashboard, the default end of a login first.
    fn dashboards(&self) -> impl Iterator<Item = &Url> {
        std::iter::once(&self.dashboard).chain(&self.others)
    }

    /// Portico's own base URL.
    pub fn portico(&self) -> &Url {
        &self.portico
    }

    fn path(&self, asked: &str) -> Option<Url> {
        if !is_plain(asked) || !asked.starts_with('/') || asked.starts_with("//") {
            return None;
        }
        let url = self.portico.join(asked).ok()?;
        (url.origin() == self.portico.origin()).then_some(url)
    }

    fn on_dashboard(&self, asked: &str) -> Option<Url> {
        if !is_plain(asked) {
            return None;
        }
        let url = Url::parse(asked).ok()?;
        let plain = url.username().is_empty() && url.password().is_none();
        // The origin of a blob's URL is that of the URL within it (URL Standard section 4.7).
        let is_on = |page: &Url| url.scheme() == page.scheme() && url.origin() == page.origin();
        let known = self.dashboards().any(is_on);
        (plain && known).then_some(url)
    }
}

impl ReturnTo {
    /// The target that a store kept.
    pub const fn from_url(url: Url) -> Self {
        Self(url)
    }

    /// The target.
    pub const fn url(&self) -> &Url {
        &self.0
    }
}

/// Neither control characters, spaces nor backslashes: browsers drop or turn those before they
/// parse, so what they would see is not what was checked.
fn is_plain(asked: &str) -> bool {
    asked.len() <= MAX_LEN && asked.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(asked: &str) -> String {
        let url = |text| Url::parse(text).unwrap();
        Destinations::new(url("http://localhost:5000"), url("https://app.example/dashboard"))
            .resolve(Some(asked))
            .url()
            .to_string()
    }

    #[test]
    fn a_path_and_a_url_on_the_dashboards_origin_are_taken() {
        assert_eq!(resolve("/reports?year=2026#q3"), "http://localhost:5000/reports?year=2026#q3");
        assert_eq!(resolve("https://app.example/costs"), "https://app.example/costs");
        assert_eq!(resolve("HTTPS://APP.EXAMPLE:443/costs"), "https://app.example/costs");
    }

    #[test]
    fn a_url_on_the_origin_of_any_dashboard_is_taken_and_the_first_is_the_default() {
        let url = |text| Url::parse(text).unwrap();
        let first = Destinations::new(url("https://portico.example"), url("https://a.example/x"));
        let all =
            first.with_dashboards([url("https://b.example/y"), url("http://localhost:3000/")]);
        for (asked, end) in [
            (None, "https://a.example/x"),
            (Some("https://b.example/z"), "https://b.example/z"),
            (Some("http://localhost:3000/"), "http://localhost:3000/"),
            (Some("http://b.example/z"), "https://a.example/x"),
            (Some("https://c.example/"), "https://a.example/x"),
            (Some("blob:https://b.example/z"), "https://a.example/x"),
        ] {
            assert_eq!(all.resolve(asked).url().as_str(), end, "{asked:?}");
        }
        let origins: Vec<_> = all.origins().iter().map(Origin::ascii_serialization).collect();
        let expected = [
            "https://portico.example",
            "https://a.example",
            "https://b.example",
            "http://localhost:3000",
        ];
        assert_eq!(origins, expected);
    }

    #[test]
    fn anywhere_else_in_every_spelling_becomes_the_dashboard() {
        let long = format!("/{}", "a".repeat(MAX_LEN));
        let longer = format!("/{}", "\"".repeat(MAX_LEN / 2));
        let elsewhere = [
            "",
            "https://evil.example/",
            "http://app.example/",
            "https://app.example:444/",
            "https://app.example.evil.example/",
            "https://app.example@evil.example/",
            "https://user@app.example/",
            "https:evil.example",
            "https:/evil.example",
            "https:\\\\evil.example",
            "//evil.example",
            "///evil.example",
            "//localhost:5000/reports",
            "/\\evil.example",
            "\\/evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "\t//evil.example",
            " //evil.example",
            "/\r\nSet-Cookie: a=b",
            "/a b",
            "javascript:alert(1)",
            "data:text/html,x",
            "blob:https://app.example/x",
            "dashboard",
            "?x",
            &long,
            &longer,
        ];
        for asked in elsewhere {
            assert_eq!(resolve(asked), "https://app.example/dashboard", "{asked:?}");
        }
    }

    #[test]
    fn a_path_that_climbs_stays_on_porticos_origin() {
        for asked in ["/.//evil.example", "/../../evil.example", "/%2f%2fevil.example"] {
            assert!(resolve(asked).starts_with("http://localhost:5000/"), "{asked:?}");
        }
    }
}

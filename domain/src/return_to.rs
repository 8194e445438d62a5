//! The redirect at the end of a login: the only one whose target a caller chooses.

use url::{Origin, Url};

use crate::apps::{Apps, WebOrigin};

/// The longest accepted target, in bytes: it is stored in a cookie with the rest of a login attempt.
pub const MAX_RETURN_TO: usize = 1_400;

/// The targets that a login may redirect to.
#[derive(Clone, Debug)]
pub struct Destinations {
    portico: Url,
    dashboard: Url,
    /// More dashboards: a login may redirect to their origins on request.
    others: Vec<Url>,
    /// Protected apps: a login may redirect to their origins on request.
    apps: Apps,
}

/// An absolute URL on the origin of Portico, of a dashboard or of a protected app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTo(Url);

impl Destinations {
    /// `portico` is Portico's own base URL, `dashboard` the default target.
    pub fn new(portico: Url, dashboard: Url) -> Self {
        Self { portico, dashboard, others: Vec::new(), apps: Apps::default() }
    }

    /// Adds dashboards. They are like the first one, but not the default target.
    pub fn with_dashboards(self, others: impl IntoIterator<Item = Url>) -> Self {
        Self { others: others.into_iter().collect(), ..self }
    }

    /// Adds protected apps.
    pub fn with_apps(self, apps: Apps) -> Self {
        Self { apps, ..self }
    }

    /// The requested target, or the dashboard if it is neither a path of Portico nor a URL on the
    /// origin of a dashboard or of a protected app.
    ///
    /// The result is always absolute: browsers resolve a relative `Location` by rules of their own
    /// (backslashes, tabs, `//`).
    pub fn resolve(&self, requested: Option<&str>) -> ReturnTo {
        let allowed = requested.and_then(|requested| self.allowed(requested));
        allowed.unwrap_or_else(|| ReturnTo(self.dashboard.clone()))
    }

    /// The requested target; `None` if a login may not redirect there.
    pub fn allowed(&self, requested: &str) -> Option<ReturnTo> {
        let target = self.path(requested).or_else(|| self.elsewhere(requested));
        // Parsing percent-encodes some characters, which makes the text longer.
        target.filter(|target| target.as_str().len() <= MAX_RETURN_TO).map(ReturnTo)
    }

    /// The origins whose pages may call Portico: its own, which is the first, and those of the
    /// dashboards.
    pub fn origins(&self) -> Vec<Origin> {
        std::iter::once(&self.portico).chain(self.dashboards()).map(Url::origin).collect()
    }

    /// Every dashboard, the default target first.
    fn dashboards(&self) -> impl Iterator<Item = &Url> {
        std::iter::once(&self.dashboard).chain(&self.others)
    }

    /// Portico's own base URL.
    pub fn portico(&self) -> &Url {
        &self.portico
    }

    fn path(&self, requested: &str) -> Option<Url> {
        if !is_plain(requested) || !requested.starts_with('/') || requested.starts_with("//") {
            return None;
        }
        let url = self.portico.join(requested).ok()?;
        (url.origin() == self.portico.origin()).then_some(url)
    }

    fn elsewhere(&self, requested: &str) -> Option<Url> {
        if !is_plain(requested) {
            return None;
        }
        let url = Url::parse(requested).ok()?;
        let plain = url.username().is_empty() && url.password().is_none();
        // The origin of a blob's URL is that of the URL within it (URL Standard section 4.7).
        let is_on = |page: &Url| url.scheme() == page.scheme() && url.origin() == page.origin();
        let is_at_app = || WebOrigin::of(&url).is_some_and(|it| self.apps.at(&it).is_some());
        let allowed = self.dashboards().any(is_on) || is_at_app();
        (plain && allowed).then_some(url)
    }
}

impl ReturnTo {
    /// Reads a target that a sealed record holds.
    pub const fn from_url(url: Url) -> Self {
        Self(url)
    }

    /// The target.
    pub const fn url(&self) -> &Url {
        &self.0
    }
}

/// Whether the text has no control characters, spaces or backslashes. Browsers drop or replace those
/// before they parse, so they would follow another URL than the one that was checked.
fn is_plain(requested: &str) -> bool {
    requested.len() <= MAX_RETURN_TO
        && requested.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
}

#[cfg(test)]
mod tests;

//! Organisations that require their own single sign-on before an OAuth app sees them. GitHub omits them
//! from a list, or refuses the whole list, and says so in a header only.
//!
//! <https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api#authorizing-a-personal-access-token-with-single-sign-on>,
//! <https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#resource-not-accessible>

use std::collections::BTreeMap;

use portico_provider::{
    Json, Refusal, Url,
    headers::header,
    listing::{MAX_TENANTS, Mender, Repair, Tenant, TenantState},
    provider::Reply,
};

/// `partial-results; organizations=21955855,20582480`, or `required; url=https://…`.
pub(crate) const HEADER: &str = "x-github-sso";
/// The page that shows a person which of their organisations require it.
const SETTINGS_PAGE: &str = "/settings/organizations";
/// The longest address in the header, in bytes.
const MAX_URL_LEN: usize = 2_000;

/// The organisations of one listing that require single sign-on.
pub(crate) struct SingleSignOn {
    /// The address of the web site. Links to other hosts are not shown.
    site: Url,
    /// Ids of omitted organisations.
    omitted: Vec<String>,
    /// Whether organisations were omitted whose ids the header does not have.
    unnamed: bool,
    /// Logins, by id, of organisations that the header names and the page lists nevertheless.
    logins: BTreeMap<String, String>,
}

impl SingleSignOn {
    pub(crate) fn at(site: &Url) -> Self {
        Self { site: site.clone(), omitted: vec![], unnamed: false, logins: BTreeMap::new() }
    }

    /// Adds the organisations in the header of a page, and their logins if the page has them.
    pub(crate) fn add(&mut self, reply: &Reply, body: Json) {
        let Some((kind, ids)) = header_value(reply, "organizations") else { return };
        if !kind.eq_ignore_ascii_case("partial-results") {
            return;
        }
        let ids: Vec<_> = ids.split(',').map(str::trim).filter(|it| is_number(it)).collect();
        self.unnamed |= ids.is_empty();
        for id in ids {
            let is_known = self.omitted.iter().any(|known| known == id);
            if !is_known && self.omitted.len() < MAX_TENANTS {
                self.omitted.push(id.to_owned());
            }
        }
        let entries = body.items().unwrap_or_default();
        for entry in entries.into_iter().filter(|entry| entry.is_object()) {
            let text = |pointer| entry.at(pointer).and_then(Json::text_or_number);
            let omitted = text("/id").filter(|id| self.omitted.contains(id));
            if let (Some(id), Some(login)) = (omitted, text("/login")) {
                self.logins.insert(id, login);
            }
        }
    }

    /// The omitted organisations so far.
    pub(crate) fn organisations(&self) -> Vec<Tenant> {
        self.omitted.iter().map(|id| self.organisation(id)).collect()
    }

    /// The warning if organisations were omitted whose ids are not known.
    pub(crate) fn unnamed(&self) -> Option<String> {
        self.unnamed.then(|| format!("they want their own single sign-on. {}", self.advice()))
    }

    /// The reason if the whole list is refused for single sign-on.
    pub(crate) fn refusal(&self, reply: &Reply) -> Option<Refusal> {
        let (kind, url) = header_value(reply, "url")?;
        let is_required = reply.status == 403 && kind.eq_ignore_ascii_case("required");
        let own = self.own_url(&url);
        let place = own.clone().unwrap_or_else(|| self.page(SETTINGS_PAGE));
        is_required.then(|| Refusal {
            why: format!(
                "an organisation wants its own single sign-on. Sign in to it at {place}, then sign in \
                 here again."
            ),
            hidden: own.and_then(|url| self.refusing(&url)).into_iter().collect(),
        })
    }

    /// The organisation whose page of single sign-on this is: `/orgs/{login}/sso`.
    fn refusing(&self, page: &Url) -> Option<Tenant> {
        let path = page.path().strip_prefix(self.site.path().trim_end_matches('/'))?;
        let login = path.strip_prefix("/orgs/")?.split('/').next().filter(|it| is_login(it))?;
        let organisation = self.organisation(login);
        let repair = Repair::Link(page.as_str().to_owned());
        Some(Tenant {
            display_name: login.to_owned(),
            repair: Some(repair).filter(|_| page.scheme() == "https"),
            ..organisation
        })
    }

    fn organisation(&self, id: &str) -> Tenant {
        let login = self.logins.get(id);
        let page = match login {
            Some(login) => self.page(&format!("/orgs/{login}/sso")),
            None => self.page(SETTINGS_PAGE),
        };
        Tenant {
            id: id.to_owned(),
            display_name: login.cloned().unwrap_or_else(|| format!("organisation {id}")),
            state: TenantState::WantsConsent,
            reason: Some(format!("They want their own single sign-on. {}", self.advice())),
            mender: Some(Mender::Person),
            // The host accepts https links only.
            repair: Some(page)
                .filter(|url| url.scheme() == "https")
                .map(|it| Repair::Link(it.into())),
            extra: vec![],
        }
    }

    fn advice(&self) -> String {
        let page = self.page(SETTINGS_PAGE);
        format!("Sign in to them at {page}, then sign in here again.")
    }

    fn page(&self, path: &str) -> Url {
        let mut url = self.site.clone();
        url.set_path(&format!("{}{path}", self.site.path().trim_end_matches('/')));
        url
    }

    /// The address in a header, if it is at the configured site.
    fn own_url(&self, url: &str) -> Option<Url> {
        let url = Url::parse(url).ok()?;
        let is_plain = url.username().is_empty() && url.password().is_none();
        let is_own = url.origin() == self.site.origin() && is_plain;
        (is_own && url.as_str().len() <= MAX_URL_LEN).then_some(url)
    }
}

/// The kind in the header, and the value of one parameter or an empty text.
fn header_value<'r>(reply: &'r Reply, parameter: &str) -> Option<(&'r str, String)> {
    let value = header(reply, HEADER)?;
    let (kind, rest) = value.split_once(';').unwrap_or((value, ""));
    let mut parameters = rest.split(';').filter_map(|it| it.split_once('='));
    let parameter = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case(parameter));
    let text = parameter.map(|(_, text)| text.trim().trim_matches('"').to_owned());
    Some((kind.trim(), text.unwrap_or_default()))
}

/// Letters, digits and hyphens, at most 39.
fn is_login(text: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    (1..=39).contains(&text.len()) && text.bytes().all(is_plain)
}

fn is_number(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

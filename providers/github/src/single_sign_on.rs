//! Organisations that want their own single sign-on before an OAuth app sees them. GitHub leaves them
//! out of a list, or refuses all of it, and says so in a header alone.
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
/// Where GitHub shows a person which of their organisations want it.
const OWN_PAGE: &str = "/settings/organizations";
/// Of an address in the header, in bytes.
const MAX_URL_LEN: usize = 2_000;

/// What was said of single sign-on in one listing.
pub(crate) struct SingleSignOn {
    /// Where people sign in: a link to anywhere else is nobody's to follow.
    site: Url,
    /// Numbers of organisations that were left out.
    left_out: Vec<String>,
    /// Whether some were left out that have no number.
    unnamed: bool,
    /// Logins of those that were listed all the same, by their numbers.
    logins: BTreeMap<String, String>,
}

impl SingleSignOn {
    pub(crate) fn at(site: &Url) -> Self {
        Self { site: site.clone(), left_out: vec![], unnamed: false, logins: BTreeMap::new() }
    }

    /// Takes what a page says: in its header, and, where that leaves organisations out, by the entries
    /// that name them all the same.
    pub(crate) fn see(&mut self, reply: &Reply, body: Json) {
        let Some((words, numbers)) = said(reply, "organizations") else { return };
        if !words.eq_ignore_ascii_case("partial-results") {
            return;
        }
        let numbers: Vec<_> =
            numbers.split(',').map(str::trim).filter(|it| is_number(it)).collect();
        self.unnamed |= numbers.is_empty();
        for number in numbers {
            let is_known = self.left_out.iter().any(|known| known == number);
            if !is_known && self.left_out.len() < MAX_TENANTS {
                self.left_out.push(number.to_owned());
            }
        }
        let entries = body.items().unwrap_or_default();
        for entry in entries.into_iter().filter(|entry| entry.is_object()) {
            let text = |at| entry.at(at).and_then(Json::word);
            let left_out = text("/id").filter(|id| self.left_out.contains(id));
            if let (Some(id), Some(login)) = (left_out, text("/login")) {
                self.logins.insert(id, login);
            }
        }
    }

    /// The organisations that were left out so far.
    pub(crate) fn organisations(&self) -> Vec<Tenant> {
        self.left_out.iter().map(|number| self.organisation(number)).collect()
    }

    /// What is missing where GitHub did not say which.
    pub(crate) fn unnamed(&self) -> Option<String> {
        self.unnamed.then(|| format!("they want their own single sign-on. {}", self.advice()))
    }

    /// What a refusal of the whole list says.
    pub(crate) fn refusal(&self, reply: &Reply) -> Option<Refusal> {
        let (words, url) = said(reply, "url")?;
        let is_it = reply.status == 403 && words.eq_ignore_ascii_case("required");
        let place = self.own(&url).unwrap_or_else(|| self.page(OWN_PAGE));
        is_it.then(|| Refusal {
            why: format!(
                "an organisation wants its own single sign-on. Sign in to it at {place}, then sign in \
                 here again."
            ),
            hidden: vec![],
        })
    }

    fn organisation(&self, number: &str) -> Tenant {
        let login = self.logins.get(number);
        let page = match login {
            Some(login) => self.page(&format!("/orgs/{login}/sso")),
            None => self.page(OWN_PAGE),
        };
        Tenant {
            id: number.to_owned(),
            display_name: login.cloned().unwrap_or_else(|| format!("organisation {number}")),
            state: TenantState::WantsConsent,
            reason: Some(format!("They want their own single sign-on. {}", self.advice())),
            mender: Some(Mender::Person),
            // The host takes links to TLS alone.
            repair: Some(page)
                .filter(|url| url.scheme() == "https")
                .map(|it| Repair::Link(it.into())),
            extra: vec![],
        }
    }

    fn advice(&self) -> String {
        let page = self.page(OWN_PAGE);
        format!("Sign in to them at {page}, then sign in here again.")
    }

    fn page(&self, path: &str) -> Url {
        let mut url = self.site.clone();
        url.set_path(&format!("{}{path}", self.site.path().trim_end_matches('/')));
        url
    }

    /// The address in a header, where it is at the site that the operator knows.
    fn own(&self, url: &str) -> Option<Url> {
        let url = Url::parse(url).ok()?;
        let is_plain = url.username().is_empty() && url.password().is_none();
        let is_own = url.origin() == self.site.origin() && is_plain;
        (is_own && url.as_str().len() <= MAX_URL_LEN).then_some(url)
    }
}

/// What the header says first, and its parameter of this name.
fn said<'r>(reply: &'r Reply, parameter: &str) -> Option<(&'r str, String)> {
    let value = header(reply, HEADER)?;
    let (words, rest) = value.split_once(';').unwrap_or((value, ""));
    let mut parameters = rest.split(';').filter_map(|it| it.split_once('='));
    let named = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case(parameter));
    let text = named.map(|(_, text)| text.trim().trim_matches('"').to_owned());
    Some((words.trim(), text.unwrap_or_default()))
}

fn is_number(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

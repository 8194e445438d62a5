//! Warnings about an incomplete list: what is missing, and what to do.

use super::incomplete::Incomplete;
use crate::{
    declaration::Principal,
    listing::{FetchError, MAX_SUBSCRIPTIONS, Tenant},
};

/// The most hidden tenants that a warning names.
const MAX_NAMED: usize = 10;

/// The terms in the warnings of one list.
#[derive(Clone, Copy, Debug)]
pub struct Wording {
    /// The provider's id, which is the prefix of its environment variables.
    pub id: &'static str,
    /// The name of the cloud: `Google Cloud`.
    pub cloud: &'static str,
    /// The entries in the plural: `projects`.
    pub entries: &'static str,
    /// Whose token lists them.
    pub principal: Principal,
    /// The key of the setting with the address of the list.
    pub address: &'static str,
    /// What to do if the cloud forbids the list, as a sentence.
    pub forbidden: &'static str,
    /// The warning for a complete list without entries, if there should be one.
    pub empty: Option<&'static str>,
}

impl Wording {
    /// The warning for an incomplete list, of which `some` entries may have been listed.
    pub(super) fn incomplete(&self, reason: Incomplete, some: bool) -> String {
        let Self { cloud, entries, .. } = self;
        let why = self.why(reason);
        if some {
            format!("Some of your {cloud} {entries} are missing: {why}")
        } else {
            format!("Your {cloud} {entries} could not be listed: {why}")
        }
    }

    /// The warning for entries without a valid id.
    pub(super) fn passed_over(&self, count: usize) -> String {
        let Self { cloud, entries, .. } = self;
        format!("{count} of the {cloud} {entries} came without a usable id and are left out.")
    }

    /// The warning for missing entries, with the reason.
    pub(super) fn missing(&self, why: &str) -> String {
        let Self { cloud, entries, .. } = self;
        format!("Some of your {cloud} {entries} are missing: {why}")
    }

    /// The warning for tenants that the cloud leaves out, with their names and what to do.
    pub(super) fn hidden(&self, hidden: &[Tenant]) -> String {
        let names: Vec<_> =
            hidden.iter().take(MAX_NAMED).map(|it| it.display_name.as_str()).collect();
        let more = match hidden.len() - names.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let why = hidden.iter().find_map(|it| it.reason.as_deref()).unwrap_or_default();
        self.missing(format!("{}{more}. {why}", names.join(", ")).trim_end())
    }

    fn why(&self, reason: Incomplete) -> String {
        let cloud = self.cloud;
        match reason {
            Incomplete::Status(status) => {
                format!("{} (status {status})", self.refused_with(status))
            }
            Incomplete::Unreadable => {
                format!("{cloud} answered something unreadable. Refresh the account later.")
            }
            Incomplete::NextPage => format!(
                "{cloud} named a next page that is not one of this list, so it was not followed. \
                 Refresh the account; where that does not help, tell whoever runs this server."
            ),
            Incomplete::TooManyPages(max_pages) => {
                format!("there are more than the {max_pages} pages that are read.")
            }
            Incomplete::TooManyEntries => {
                format!("there are more than the {MAX_SUBSCRIPTIONS} that are listed.")
            }
            Incomplete::Fetch(error) => self.not_fetched(error),
            Incomplete::FewerThanTotal { entries, total } => format!(
                "{cloud} says that there are {total}, and {entries} came. Refresh the account later."
            ),
            Incomplete::Refused(why) => why,
            Incomplete::NoResponse => {
                "a request stayed without an answer. Refresh the account.".into()
            }
        }
    }

    fn refused_with(&self, status: u16) -> String {
        let cloud = self.cloud;
        match (status, self.principal) {
            (401, Principal::SignedInUser) => {
                format!("{cloud} does not accept your token. Sign in again.")
            }
            (401, Principal::Nobody) => format!(
                "{cloud} does not accept this server's key. Whoever runs this server should check \
                 the settings of {}.",
                self.id
            ),
            (401, Principal::Application) => format!(
                "{cloud} does not accept the application's token. Whoever runs this server should \
                 check {}.",
                self.client()
            ),
            (403, Principal::SignedInUser) => format!("you may not list them. {}", self.forbidden),
            (403, Principal::Application | Principal::Nobody) => {
                format!("the application may not list them. {}", self.forbidden)
            }
            (404, _) => format!(
                "there is no such list at the configured address. Whoever runs this server should \
                 check {}.",
                self.variable(self.address)
            ),
            (429, _) => {
                format!(
                    "{cloud} is asked too often at the moment. Refresh the account in some minutes."
                )
            }
            (500..=599, _) => {
                format!("{cloud} has a problem of its own. Refresh the account later.")
            }
            _ => format!("{cloud} refused. Refresh the account later."),
        }
    }

    fn not_fetched(&self, error: FetchError) -> String {
        let cloud = self.cloud;
        match (error, self.principal) {
            (FetchError::NotGranted, _) => format!(
                "this server is not allowed to ask for them. Whoever runs it should check {}.",
                self.variable(self.address)
            ),
            (FetchError::NoToken, Principal::SignedInUser) => {
                "there is no token of yours. Sign in again.".into()
            }
            (FetchError::TokenRefused(_), _) => {
                format!("{cloud} gave no token for a tenant. Sign in again.")
            }
            (FetchError::NoToken, Principal::Application | Principal::Nobody) => format!(
                "{cloud} gave the application no token. Whoever runs this server should check {}; \
                 the log says more.",
                self.client()
            ),
            (FetchError::TimedOut, _) => {
                format!("{cloud} did not answer in time. Refresh the account later.")
            }
            (FetchError::TooLarge, _) => format!("{cloud}'s answer was larger than is read."),
            (FetchError::Refused, _) => format!(
                "{cloud}'s answer carried a token and was not read. Whoever runs this server should \
                 check {}.",
                self.variable(self.address)
            ),
            (FetchError::Unreachable, _) => {
                format!("{cloud} cannot be reached. Refresh the account later.")
            }
            (FetchError::BudgetSpent, _) => {
                "there are more than are listed at once. Refresh the account to try again.".into()
            }
        }
    }

    /// The environment variable of a setting: `GOOGLE_RESOURCE_MANAGER_URL`.
    fn variable(&self, setting: &str) -> String {
        format!("{}_{setting}", self.id).replace('-', "_").to_ascii_uppercase()
    }

    /// The environment variables of the OAuth client.
    fn client(&self) -> String {
        format!("{} and {}", self.variable("client-id"), self.variable("client-secret"))
    }
}

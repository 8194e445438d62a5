//! What a person reads where a list is not complete: what is missing, and what to do.

use crate::{
    declaration::Principal,
    listing::{FetchError, MAX_SUBSCRIPTIONS, Tenant},
};

/// How many of what is missing are named.
const MAX_NAMED: usize = 10;

/// The words of one list.
#[derive(Clone, Copy, Debug)]
pub struct Wording {
    /// The provider's id: it begins the names of its settings in the environment.
    pub id: &'static str,
    /// What a person calls the cloud: `Google Cloud`.
    pub cloud: &'static str,
    /// What is listed, in the plural: `projects`.
    pub entries: &'static str,
    /// Whose token lists them.
    pub principal: Principal,
    /// The setting with the address of the list.
    pub address: &'static str,
    /// What to do where the cloud forbids it, as a sentence.
    pub forbidden: &'static str,
    /// What to say of a list that comes whole and empty, where that is worth a word.
    pub empty: Option<&'static str>,
}

/// Why a list ends before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// The cloud refused with this status.
    Status(u16),
    /// What the cloud answered is no page.
    Unreadable,
    /// The next page is somewhere else, or where the list has been.
    NextPage,
    /// There are more pages than are read.
    TooManyPages(usize),
    /// There are more entries than the host takes.
    TooManyEntries,
    /// There was no answer.
    Fetch(FetchError),
    /// The host did not answer the request.
    Unanswered,
    /// The list ended, and the cloud says that there is more.
    Fewer { came: u64, total: u64 },
    /// The cloud said why itself.
    Told(String),
}

impl Wording {
    /// The warning for a list that was cut. `some` where a part of it came.
    pub(super) fn cut(&self, cut: Cut, some: bool) -> String {
        let Self { cloud, entries, .. } = self;
        let why = self.why(cut);
        if some {
            format!("Some of your {cloud} {entries} are missing: {why}")
        } else {
            format!("Your {cloud} {entries} could not be listed: {why}")
        }
    }

    /// The warning for entries that had no usable id.
    pub(super) fn passed_over(&self, count: usize) -> String {
        let Self { cloud, entries, .. } = self;
        format!("{count} of the {cloud} {entries} came without a usable id and are left out.")
    }

    /// The warning for what is missing from a list for this reason.
    pub(super) fn missing(&self, why: &str) -> String {
        let Self { cloud, entries, .. } = self;
        format!("Some of your {cloud} {entries} are missing: {why}")
    }

    /// The warning for what the cloud leaves out: each by its name, and what to do.
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

    fn why(&self, cut: Cut) -> String {
        let cloud = self.cloud;
        match cut {
            Cut::Status(status) => format!("{} (status {status})", self.refused(status)),
            Cut::Unreadable => {
                format!("{cloud} answered something unreadable. Refresh the account later.")
            }
            Cut::NextPage => format!(
                "{cloud} named a next page that is not one of this list, so it was not followed. \
                 Refresh the account; where that does not help, tell whoever runs this server."
            ),
            Cut::TooManyPages(most) => {
                format!("there are more than the {most} pages that are read.")
            }
            Cut::TooManyEntries => {
                format!("there are more than the {MAX_SUBSCRIPTIONS} that are listed.")
            }
            Cut::Fetch(error) => self.unfetched(error),
            Cut::Fewer { came, total } => format!(
                "{cloud} says that there are {total}, and {came} came. Refresh the account later."
            ),
            Cut::Told(why) => why,
            Cut::Unanswered => "a request stayed without an answer. Refresh the account.".into(),
        }
    }

    fn refused(&self, status: u16) -> String {
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

    fn unfetched(&self, error: FetchError) -> String {
        let cloud = self.cloud;
        match (error, self.principal) {
            (FetchError::NotGranted, _) => format!(
                "this server is not allowed to ask for them. Whoever runs it should check {}.",
                self.variable(self.address)
            ),
            (FetchError::NoToken, Principal::SignedInUser) => {
                "there is no token of yours. Sign in again.".into()
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

    /// `GOOGLE_RESOURCE_MANAGER_URL`: a setting as it is called in the environment.
    fn variable(&self, setting: &str) -> String {
        format!("{}_{setting}", self.id).replace('-', "_").to_ascii_uppercase()
    }

    fn client(&self) -> String {
        format!("{} and {}", self.variable("client-id"), self.variable("client-secret"))
    }
}

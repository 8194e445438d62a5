//! What a person reads where the list of subscriptions is not complete: what is missing, and what
//! to do.

use portico_domain::{account::MAX_SUBSCRIPTIONS, provider::FetchError};

use crate::settings::ListingAs;

/// Why a list ends before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Azure refused with this status.
    Status(u16),
    /// What Azure answered is no page.
    Unreadable,
    /// The next page is somewhere else, or where the list has been.
    NextLink,
    /// There are more pages than anybody has.
    TooManyPages,
    /// There are more subscriptions than the host takes.
    TooManySubscriptions,
    /// There was no answer.
    Fetch(FetchError),
    /// The host did not answer the request.
    Unanswered,
}

/// The warning for a list that was cut. `some` where a part of it came.
pub(crate) fn cut(cut: Cut, listing_as: ListingAs, some: bool) -> String {
    let missing = if some {
        "Some of your Azure subscriptions are missing"
    } else {
        "Your Azure subscriptions could not be listed"
    };
    format!("{missing}: {}", why(cut, listing_as))
}

fn why(cut: Cut, listing_as: ListingAs) -> String {
    match cut {
        Cut::Status(status) => refused(status, listing_as),
        Cut::Unreadable => "Azure answered something unreadable. Refresh the account later.".into(),
        Cut::NextLink => {
            "Azure named a next page that is not one of this list, so it was not followed. \
             Refresh the account; where that does not help, tell whoever runs this server."
                .into()
        }
        Cut::TooManyPages => "there are more pages than are read at once.".into(),
        Cut::TooManySubscriptions => {
            format!("there are more than the {MAX_SUBSCRIPTIONS} that are listed.")
        }
        Cut::Fetch(error) => unfetched(error, listing_as).into(),
        Cut::Unanswered => "a request stayed without an answer. Refresh the account.".into(),
    }
}

fn refused(status: u16, listing_as: ListingAs) -> String {
    let help = match (status, listing_as) {
        (401, ListingAs::Application) => {
            "Azure does not accept the application's token. Whoever runs this server should check \
             the application and its secret."
        }
        (401, ListingAs::User) => "Azure does not accept your token. Sign in again.",
        (403, ListingAs::Application) => {
            "the application may not list them. Give the application the Reader role on the \
             subscriptions, or set AZURE_SUBSCRIPTIONS_AS=user."
        }
        (403, ListingAs::User) => {
            "you may not list them. Ask an administrator for the Reader role on the subscriptions."
        }
        (404, _) => {
            "there is no such list at the configured address. Whoever runs this server should \
             check AZURE_RESOURCE_MANAGER_URL."
        }
        (429, _) => "Azure is asked too often at the moment. Refresh the account in some minutes.",
        (500..=599, _) => "Azure has a problem of its own. Refresh the account later.",
        _ => "Azure refused. Refresh the account later.",
    };
    format!("{help} (status {status})")
}

fn unfetched(error: FetchError, listing_as: ListingAs) -> &'static str {
    match (error, listing_as) {
        (FetchError::NotGranted, _) => {
            "this server is not allowed to ask for them. Whoever runs it should check \
             AZURE_RESOURCE_MANAGER_URL."
        }
        (FetchError::NoToken, ListingAs::Application) => {
            "Azure gave the application no token. Whoever runs this server should check \
             AZURE_CLIENT_ID and AZURE_CLIENT_SECRET; the log says more."
        }
        (FetchError::NoToken, ListingAs::User) => "there is no token of yours. Sign in again.",
        (FetchError::TimedOut, _) => "Azure did not answer in time. Refresh the account later.",
        (FetchError::TooLarge, _) => "Azure's answer was larger than is read.",
        (FetchError::Unreachable, _) => "Azure cannot be reached. Refresh the account later.",
        (FetchError::BudgetSpent, _) => {
            "there are more than are listed at once. Refresh the account to try again."
        }
        (FetchError::Refused, _) => {
            "Azure's answer carried a token and was not read. Whoever runs this server should \
             check AZURE_RESOURCE_MANAGER_URL."
        }
    }
}

/// The warning for a list that came whole, and empty, with the application's token.
pub(crate) fn nothing_for_the_application() -> String {
    "The application can see no Azure subscription in this tenant. Where there are some, give the \
     application the Reader role on them, or set AZURE_SUBSCRIPTIONS_AS=user."
        .into()
}

/// The warning for entries that had no usable id.
pub(crate) fn passed_over(entries: usize) -> String {
    format!("{entries} of the Azure subscriptions came without a usable id and are left out.")
}

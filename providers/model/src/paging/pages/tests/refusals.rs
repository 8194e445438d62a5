//! Warnings for a page that is refused or has no reply.

use super::*;

const APPLICATION: Wording = Wording { principal: Principal::Application, ..WORDING };
const KEY: Wording = Wording { principal: Principal::Nobody, ..WORDING };

#[rstest]
#[case::user_token(401, WORDING, "Sign in again")]
#[case::application_token(
    401,
    APPLICATION,
    "EXAMPLE_CLOUD_CLIENT_ID and EXAMPLE_CLOUD_CLIENT_SECRET"
)]
#[case::key(401, KEY, "this server's key")]
#[case::user_forbidden(
    403,
    WORDING,
    "you may not list them. Ask an administrator for the role Reader."
)]
#[case::application_forbidden(403, APPLICATION, "the application may not")]
#[case::not_found(404, WORDING, "EXAMPLE_CLOUD_API_URL")]
#[case::too_many_requests(429, WORDING, "in some minutes")]
#[case::server_error(500, WORDING, "later")]
#[case::unavailable(503, WORDING, "later")]
#[case::redirect(302, WORDING, "refused")]
#[case::no_content(204, WORDING, "refused")]
fn refused_page_adds_warning_with_advice_and_keeps_entries(
    #[case] status: u16,
    #[case] wording: Wording,
    #[case] advice: &str,
) {
    let listing = after_one_page(wording, response(2, status, "{}"));
    assert_eq!(ids(&listing), ["one"]);
    assert_eq!(listing.warnings.len(), 1);
    assert!(listing.warnings[0].contains(advice), "{:?}", listing.warnings);
    assert!(listing.warnings[0].contains(&status.to_string()), "{:?}", listing.warnings);
}

#[rstest]
#[case::not_permitted(FetchError::NotGranted, WORDING, "EXAMPLE_CLOUD_API_URL")]
#[case::no_user_token(FetchError::NoToken, WORDING, "Sign in again")]
#[case::no_application_token(FetchError::NoToken, APPLICATION, "EXAMPLE_CLOUD_CLIENT_SECRET")]
#[case::timed_out(FetchError::TimedOut, WORDING, "in time")]
#[case::too_large(FetchError::TooLarge, WORDING, "larger")]
#[case::unreachable(FetchError::Unreachable, WORDING, "cannot be reached")]
#[case::budget_spent(FetchError::BudgetSpent, WORDING, "at once")]
#[case::withheld(FetchError::Refused, WORDING, "carried a token")]
fn page_without_reply_adds_warning_with_advice_and_keeps_entries(
    #[case] error: FetchError,
    #[case] wording: Wording,
    #[case] advice: &str,
) {
    let listing = after_one_page(wording, Response { id: 2, outcome: Err(error) });
    assert_eq!(ids(&listing), ["one"]);
    assert!(listing.warnings[0].contains(advice), "{:?}", listing.warnings);
}

//! What a person reads where a page does not come.

use super::*;

#[test]
fn what_the_cloud_refuses_is_told_with_what_to_do_and_the_part_that_came_stays() {
    let application = Wording { principal: Principal::Application, ..WORDING };
    let key = Wording { principal: Principal::Nobody, ..WORDING };
    for (status, wording, help) in [
        (401, WORDING, "Sign in again"),
        (401, application, "EXAMPLE_CLOUD_CLIENT_ID and EXAMPLE_CLOUD_CLIENT_SECRET"),
        (401, key, "this server's key"),
        (403, WORDING, "you may not list them. Ask an administrator for the role Reader."),
        (403, application, "the application may not"),
        (404, WORDING, "EXAMPLE_CLOUD_API_URL"),
        (429, WORDING, "in some minutes"),
        (500, WORDING, "later"),
        (503, WORDING, "later"),
        (302, WORDING, "refused"),
        (204, WORDING, "refused"),
    ] {
        let listing = after_one_page(wording, response(2, status, "{}"));
        assert_eq!(ids(&listing), ["one"], "{status}");
        assert_eq!(listing.warnings.len(), 1, "{status}");
        assert!(listing.warnings[0].contains(help), "{:?}", listing.warnings);
        assert!(listing.warnings[0].contains(&status.to_string()), "{:?}", listing.warnings);
    }
}

#[test]
fn what_was_not_fetched_is_told_with_what_to_do() {
    let application = Wording { principal: Principal::Application, ..WORDING };
    for (error, wording, help) in [
        (FetchError::NotGranted, WORDING, "EXAMPLE_CLOUD_API_URL"),
        (FetchError::NoToken, WORDING, "Sign in again"),
        (FetchError::NoToken, application, "EXAMPLE_CLOUD_CLIENT_SECRET"),
        (FetchError::TimedOut, WORDING, "in time"),
        (FetchError::TooLarge, WORDING, "larger"),
        (FetchError::Unreachable, WORDING, "cannot be reached"),
        (FetchError::BudgetSpent, WORDING, "at once"),
        (FetchError::Refused, WORDING, "carried a token"),
    ] {
        let listing = after_one_page(wording, Response { id: 2, outcome: Err(error) });
        assert_eq!(ids(&listing), ["one"], "{error}");
        assert!(listing.warnings[0].contains(help), "{:?}", listing.warnings);
    }
}

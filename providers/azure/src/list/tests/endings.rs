//! Where a list ends before its last page.

use super::*;

#[rstest]
#[case::other_host("https://evil.example/subscriptions?api-version=2022-12-01")]
#[case::host_as_prefix("https://management.azure.com.evil.example/subscriptions")]
#[case::host_as_user("https://management.azure.com@evil.example/subscriptions")]
#[case::user("https://user:secret@management.azure.com/subscriptions?x")]
#[case::http("http://management.azure.com/subscriptions?x")]
#[case::other_port("https://management.azure.com:8443/subscriptions?x")]
#[case::dot_segment("https://management.azure.com/subscriptions/../tenants")]
#[case::path_below("https://management.azure.com/subscriptions/1/resources")]
#[case::other_path("https://management.azure.com/tenants")]
#[case::same_page("https://management.azure.com/subscriptions?api-version=2022-12-01")]
#[case::same_page_with_fragment(
    "https://management.azure.com/subscriptions?api-version=2022-12-01#again"
)]
#[case::relative("/subscriptions?$skiptoken=2")]
#[case::file("file:///etc/passwd")]
#[case::word("nonsense")]
fn next_link_is_not_followed_and_entries_are_kept(#[case] link: &str) {
    let listing = listed(ListingAs::User, &[page_of(&["one"], Some(link))]);
    assert_eq!(ids(&listing), ["one"]);
    assert_eq!(listing.warnings.len(), 1);
    assert!(listing.warnings[0].starts_with("Some of your Azure"));
}

#[test]
fn cycle_of_two_pages_ends_with_warning() {
    let pages = [
        page_of(&["one"], Some(&page_after("2"))),
        page_of(&["two"], Some(&page_after("3"))),
        page_of(&["three"], Some(&page_after("2"))),
    ];
    let listing = listed(ListingAs::User, &pages);
    assert_eq!(ids(&listing), ["one", "two", "three"]);
    assert_eq!(listing.warnings.len(), 1);
}

#[test]
fn list_ends_with_warning_at_500_pages() {
    let pages: Vec<_> = (1..=MAX_PAGES)
        .map(|number| page_of(&[&number.to_string()], Some(&page_after(&number.to_string()))))
        .collect();
    let listing = listed(ListingAs::User, &pages);
    assert_eq!(listing.subscriptions.len(), MAX_PAGES);
    assert!(listing.warnings[0].contains("the 500 pages"), "{:?}", listing.warnings);
}

#[rstest]
#[case::application_token(401, ListingAs::Application, "AZURE_CLIENT_ID and AZURE_CLIENT_SECRET")]
#[case::user_token(401, ListingAs::User, "Sign in again")]
#[case::application_forbidden(403, ListingAs::Application, "AZURE_SUBSCRIPTIONS_AS=user")]
#[case::user_forbidden(403, ListingAs::User, "Reader role")]
#[case::not_found(404, ListingAs::User, "AZURE_RESOURCE_MANAGER_URL")]
#[case::too_many_requests(429, ListingAs::User, "in some minutes")]
#[case::server_error(500, ListingAs::User, "later")]
#[case::unavailable(503, ListingAs::Application, "later")]
#[case::redirect(302, ListingAs::User, "refused")]
#[case::no_content(204, ListingAs::User, "refused")]
fn refused_page_adds_warning_with_advice_and_keeps_subscriptions(
    #[case] status: u16,
    #[case] listing_as: ListingAs,
    #[case] advice: &str,
) {
    let listing = after_one_page(listing_as, response(2, status, "{}"));
    assert_eq!(ids(&listing), ["one"]);
    assert_eq!(listing.warnings.len(), 1);
    assert!(listing.warnings[0].contains(advice), "{:?}", listing.warnings);
    assert!(listing.warnings[0].contains(&status.to_string()), "{:?}", listing.warnings);
}

#[rstest]
#[case::not_permitted(FetchError::NotGranted, "AZURE_RESOURCE_MANAGER_URL")]
#[case::no_token(FetchError::NoToken, "AZURE_CLIENT_SECRET")]
#[case::timed_out(FetchError::TimedOut, "in time")]
#[case::too_large(FetchError::TooLarge, "larger")]
#[case::unreachable(FetchError::Unreachable, "cannot be reached")]
#[case::budget_spent(FetchError::BudgetSpent, "at once")]
#[case::withheld(FetchError::Refused, "carried a token")]
fn page_without_reply_adds_warning_with_advice_and_keeps_subscriptions(
    #[case] error: FetchError,
    #[case] advice: &str,
) {
    let failed = Response { id: 2, outcome: Err(error) };
    let listing = after_one_page(ListingAs::Application, failed);
    assert_eq!(ids(&listing), ["one"]);
    assert!(listing.warnings[0].contains(advice), "{:?}", listing.warnings);
}

#[test]
fn refused_first_page_lists_nothing_with_warning() {
    let mut list = list(ListingAs::Application);
    list.next(vec![]).unwrap();
    let listing = done(list.next(vec![response(1, 403, "")]).unwrap());
    assert_eq!(listing.subscriptions, []);
    assert!(listing.warnings[0].starts_with("Your Azure subscriptions could not be listed"));
}

#[rstest]
#[case::empty("")]
#[case::array("[]")]
#[case::truncated("{")]
#[case::null("null")]
#[case::number(r#"{"value": 7}"#)]
#[case::html("<html>")]
#[case::numeric_link(r#"{"value":[],"nextLink":1}"#)]
fn unreadable_page_adds_warning_and_keeps_subscriptions(#[case] body: &str) {
    let listing = after_one_page(ListingAs::User, response(2, 200, body));
    assert_eq!(ids(&listing), ["one"]);
    assert!(listing.warnings[0].contains("unreadable"));
}

//! What a provider hands over, held against rules: names are made fit to be shown, and what no
//! honest provider says is refused.

use crate::{
    account::{Listing, MOST_SUBSCRIPTIONS, Subscription},
    identity::Identity,
    provider::Problem,
    text::clean,
};

/// The longest id, in characters.
const LONGEST_ID: usize = 256;
/// The longest name that is shown, in characters.
const LONGEST_NAME: usize = 256;
/// The longest text that a provider may hand over where a name is asked for, in bytes. Clouds let
/// their customers write a few hundred characters.
const LONGEST_TEXT: usize = 64 << 10;
/// The most warnings that are shown, and the characters of each.
const MOST_WARNINGS: usize = 20;
const LONGEST_WARNING: usize = 600;

/// The listing, fit to be kept and shown.
pub(super) fn listing(listing: Listing) -> Result<Listing, Problem> {
    if listing.subscriptions.len() > MOST_SUBSCRIPTIONS {
        return Err(broken(format!("it listed more than {MOST_SUBSCRIPTIONS} entries")));
    }
    let warnings = listing.warnings.iter().take(MOST_WARNINGS);
    Ok(Listing {
        subscriptions: listing
            .subscriptions
            .into_iter()
            .map(subscription)
            .collect::<Result<_, _>>()?,
        warnings: warnings.map(|warning| clean(warning, LONGEST_WARNING)).collect(),
    })
}

fn subscription(listed: Subscription) -> Result<Subscription, Problem> {
    let id = clean(&listed.id, LONGEST_ID);
    // An id that is too long differs too: it was cut.
    if id.is_empty() || id != listed.id {
        return Err(broken("it listed an id that is empty, too long or not to be shown".into()));
    }
    let state = listed.state.as_deref().map(|state| name(state, LONGEST_NAME)).transpose()?;
    let tenant = listed.tenant.as_deref().map(|tenant| name(tenant, LONGEST_ID)).transpose()?;
    let display_name = Some(name(&listed.display_name, LONGEST_NAME)?);
    let display_name = display_name.filter(|name| !name.is_empty()).unwrap_or_else(|| id.clone());
    Ok(Subscription { id, display_name, state, tenant })
}

/// The identity with names that are fit to be shown.
pub(in crate::use_cases) fn identity(identity: Identity) -> Result<Identity, Problem> {
    let display_name = name(&identity.display_name, LONGEST_NAME)?;
    let username = identity.username.as_deref().map(|text| name(text, LONGEST_NAME)).transpose()?;
    let username = username.filter(|name| !name.is_empty());
    let display_name = Some(display_name)
        .filter(|name| !name.is_empty())
        .or_else(|| username.clone())
        .unwrap_or_else(|| identity.subject.as_str().to_owned());
    Ok(Identity { display_name, username, ..identity })
}

fn name(text: &str, longest: usize) -> Result<String, Problem> {
    if text.len() > LONGEST_TEXT {
        return Err(broken(format!("it handed over a name of more than {LONGEST_TEXT} bytes")));
    }
    Ok(clean(text, longest))
}

fn broken(why: String) -> Problem {
    Problem::Broken(why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::samples;

    fn listed(change: impl FnOnce(&mut Subscription)) -> Result<Subscription, Problem> {
        let mut one = samples::subscription("one");
        change(&mut one);
        let checked = listing(Listing { subscriptions: vec![one], warnings: vec![] })?;
        Ok(checked.subscriptions.into_iter().next().unwrap())
    }

    #[test]
    fn names_are_made_fit_to_be_shown() {
        let shown = listed(|one| one.display_name = "Łódź\r\nSet-Cookie: a\u{202e}".into());
        assert_eq!(shown.unwrap().display_name, "ŁódźSet-Cookie: a");
        let shown = listed(|one| one.display_name = "x".repeat(5_000));
        assert_eq!(shown.unwrap().display_name.len(), 256);
        let shown = listed(|one| one.display_name = "\u{200b}".into());
        assert_eq!(shown.unwrap().display_name, "one");
    }

    #[test]
    fn an_id_that_could_not_be_shown_as_it_is_breaks_the_rules() {
        for id in ["", "a\nb", " a", "a\u{202e}", &"a".repeat(257)] {
            assert!(matches!(listed(|one| one.id = id.into()), Err(Problem::Broken(_))), "{id:?}");
        }
        assert!(listed(|one| one.id = "ż".repeat(256)).is_ok());
    }

    #[test]
    fn a_megabyte_of_name_breaks_the_rules_wherever_it_stands() {
        let megabyte = || "a".repeat(1 << 20);
        assert!(listed(|one| one.display_name = megabyte()).is_err());
        assert!(listed(|one| one.state = Some(megabyte())).is_err());
        let who = samples::identity("contoso", "zofia");
        assert!(identity(Identity { display_name: megabyte(), ..who.clone() }).is_err());
        assert!(identity(Identity { username: Some(megabyte()), ..who }).is_err());
    }

    #[test]
    fn a_text_of_64_kib_is_cut_and_a_longer_one_breaks_the_rules() {
        let shown = listed(|one| one.display_name = "a".repeat(65_536));
        assert_eq!(shown.unwrap().display_name, "a".repeat(256));
        assert!(listed(|one| one.display_name = "a".repeat(65_537)).is_err());
    }

    #[test]
    fn ten_thousand_entries_are_listed_and_what_each_says_is_kept() {
        let subscriptions = vec![samples::subscription("one"); 10_000];
        let listed = listing(Listing { subscriptions: subscriptions.clone(), warnings: vec![] });
        assert_eq!(listed.unwrap().subscriptions, subscriptions);
    }

    #[test]
    fn a_list_without_end_breaks_the_rules_and_warnings_are_bounded() {
        let subscriptions = vec![samples::subscription("one"); MOST_SUBSCRIPTIONS + 1];
        assert!(listing(Listing { subscriptions, warnings: vec![] }).is_err());
        let warnings = vec!["w\n".repeat(10_000); 100];
        let checked = listing(Listing { subscriptions: vec![], warnings }).unwrap();
        assert_eq!(checked.warnings.len(), MOST_WARNINGS);
        assert_eq!(checked.warnings[0], "w".repeat(LONGEST_WARNING));
    }

    #[test]
    fn a_person_without_a_name_is_shown_by_what_they_sign_in_with_or_their_subject() {
        let nameless = || Identity { display_name: "\n".into(), ..samples::identity("c", "zofia") };
        assert_eq!(identity(nameless()).unwrap().display_name, "zofia@contoso.example");
        let unknown = Identity { username: Some("\0".into()), ..nameless() };
        let shown = identity(unknown).unwrap();
        assert_eq!((shown.display_name.as_str(), shown.username), ("zofia", None));
    }
}

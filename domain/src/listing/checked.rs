//! Checks the results of a provider: names are cleaned for display, and results that no honest
//! provider returns are refused.

use std::collections::BTreeSet;

use portico_provider_model::text::{clean, is_plain};

use crate::{
    account::{Listing, MAX_SUBSCRIPTIONS, MAX_TENANTS, Repair, Subscription, Tenant},
    identity::{Claims, Identity},
    provider::CallError,
};

/// The longest id, in characters.
const MAX_ID_LEN: usize = 256;
/// The longest displayed name, in characters; a longer one is truncated.
const MAX_NAME_LEN: usize = 256;
/// The longest name that a provider may return, in bytes. Clouds let their customers write a few
/// hundred characters.
const MAX_TEXT_LEN: usize = 64 << 10;
/// How many warnings are displayed, and the characters of each.
const MAX_WARNINGS: usize = 20;
const MAX_WARNING_LEN: usize = 600;
/// The longest claims of a repair, in bytes.
const MAX_CLAIMS_LEN: usize = 4 << 10;
/// The longest URL of a repair, in bytes.
const MAX_LINK_LEN: usize = 2 << 10;
/// How many extra members an entry may have, and the length of their names.
const MAX_EXTRA: usize = 16;
const MAX_KEY_LEN: usize = 64;

/// The listing, checked and cleaned for storage and display.
pub(super) fn listing(listing: Listing) -> Result<Listing, CallError> {
    if listing.subscriptions.len() > MAX_SUBSCRIPTIONS {
        return Err(broken(format!("it listed more than {MAX_SUBSCRIPTIONS} entries")));
    }
    if listing.tenants.len() > MAX_TENANTS {
        return Err(broken(format!("it listed more than {MAX_TENANTS} tenants")));
    }
    let warnings = listing.warnings.iter().take(MAX_WARNINGS);
    let subscriptions = listing.subscriptions.into_iter().map(subscription);
    Ok(Listing {
        subscriptions: subscriptions.collect::<Result<_, _>>()?,
        tenants: listing.tenants.into_iter().map(tenant).collect::<Result<_, _>>()?,
        warnings: warnings.map(|warning| clean(warning, MAX_WARNING_LEN)).collect(),
    })
}

fn tenant(listed: Tenant) -> Result<Tenant, CallError> {
    let id = shown_id(&listed.id)?;
    let display_name = shown_name(&listed.display_name, &id)?;
    let reason = listed.reason.as_deref().map(|reason| clean(reason, MAX_WARNING_LEN));
    let repair = listed.repair.map(repair).transpose()?;
    Ok(Tenant { id, display_name, reason, repair, extra: extra(listed.extra)?, ..listed })
}

/// Checks a repair. Pages make a link of it: only an https URL, or claims that are a JSON object.
fn repair(repair: Repair) -> Result<Repair, CallError> {
    let valid = match &repair {
        Repair::SignIn => true,
        Repair::Claims(claims) => {
            claims.len() <= MAX_CLAIMS_LEN && Claims::parse(claims.as_str()).is_ok()
        }
        Repair::Link(link) => {
            let url = url::Url::parse(link);
            link.len() <= MAX_LINK_LEN && url.is_ok_and(|url| url.scheme() == "https")
        }
    };
    if valid { Ok(repair) } else { Err(broken("it listed a repair that is none".into())) }
}

/// Checks the extra members, which apps read: bounded and cleaned.
fn extra(extra: Vec<(String, String)>) -> Result<Vec<(String, String)>, CallError> {
    if extra.len() > MAX_EXTRA {
        return Err(broken(format!("it listed an entry with more than {MAX_EXTRA} members")));
    }
    let keys: BTreeSet<_> = extra.iter().map(|(key, _)| key).collect();
    if keys.len() < extra.len() {
        return Err(broken("it listed an entry with a member twice".into()));
    }
    let member = |(key, value): (String, String)| {
        if !is_plain(&key, MAX_KEY_LEN) {
            return Err(broken("it listed a member without a name to be shown".into()));
        }
        let value = name(&value, MAX_NAME_LEN)?;
        Ok((key, value))
    };
    extra.into_iter().map(member).collect()
}

/// Checks an id. It is not cleaned or truncated: it would be another id.
fn shown_id(id: &str) -> Result<String, CallError> {
    if is_plain(id, MAX_ID_LEN) {
        return Ok(id.to_owned());
    }
    Err(broken("it listed an id that is empty, too long or not to be shown".into()))
}

fn shown_name(text: &str, id: &str) -> Result<String, CallError> {
    let shown = name(text, MAX_NAME_LEN)?;
    Ok(if shown.is_empty() { id.to_owned() } else { shown })
}

fn subscription(listed: Subscription) -> Result<Subscription, CallError> {
    let id = shown_id(&listed.id)?;
    let display_name = shown_name(&listed.display_name, &id)?;
    let state = listed.state.as_deref().map(|state| name(state, MAX_NAME_LEN)).transpose()?;
    let tenant = listed.tenant.as_deref().map(|tenant| name(tenant, MAX_ID_LEN)).transpose()?;
    Ok(Subscription { id, display_name, state, tenant, extra: extra(listed.extra)? })
}

/// The identity with its names cleaned for display.
pub(crate) fn identity(identity: Identity) -> Result<Identity, CallError> {
    let display_name = name(&identity.display_name, MAX_NAME_LEN)?;
    let username = identity.username.as_deref().map(|text| name(text, MAX_NAME_LEN)).transpose()?;
    let username = username.filter(|name| !name.is_empty());
    let display_name = Some(display_name)
        .filter(|name| !name.is_empty())
        .or_else(|| username.clone())
        .unwrap_or_else(|| identity.subject.as_str().to_owned());
    Ok(Identity { display_name, username, ..identity })
}

fn name(text: &str, longest: usize) -> Result<String, CallError> {
    if text.len() > MAX_TEXT_LEN {
        return Err(broken(format!("it handed over a name of more than {MAX_TEXT_LEN} bytes")));
    }
    Ok(clean(text, longest))
}

fn broken(why: String) -> CallError {
    CallError::Broken(why)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::{account::TenantState, testing::samples};

    fn listed(change: impl FnOnce(&mut Subscription)) -> Result<Subscription, CallError> {
        let mut one = samples::subscription("one");
        change(&mut one);
        let checked = listing(Listing { subscriptions: vec![one], ..Listing::default() })?;
        Ok(checked.subscriptions.into_iter().next().unwrap())
    }

    #[test]
    fn listing_cleans_truncates_and_defaults_names() {
        let shown = listed(|one| one.display_name = "Łódź\r\nSet-Cookie: a\u{202e}".into());
        assert_eq!(shown.unwrap().display_name, "ŁódźSet-Cookie: a");
        let shown = listed(|one| one.display_name = "x".repeat(5_000));
        assert_eq!(shown.unwrap().display_name.len(), 256);
        let shown = listed(|one| one.display_name = "\u{200b}".into());
        assert_eq!(shown.unwrap().display_name, "one");
    }

    #[rstest]
    #[case::empty("")]
    #[case::line_break("a\nb")]
    #[case::leading_space(" a")]
    #[case::bidirectional_override("a\u{202e}")]
    #[case::too_long(&"a".repeat(257))]
    fn listing_refuses_an_id_that_is_not_displayable(#[case] id: &str) {
        assert!(matches!(listed(|one| one.id = id.into()), Err(CallError::Broken(_))));
    }

    #[test]
    fn listing_accepts_an_id_of_256_characters() {
        assert!(listed(|one| one.id = "ż".repeat(256)).is_ok());
    }

    #[test]
    fn listing_refuses_extra_members_that_are_repeated_unnamed_or_too_many() {
        let extra_of = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(key, value)| ((*key).into(), (*value).into()));
            let extra = pairs.collect();
            listed(|one| one.extra = extra).map(|one| one.extra)
        };
        let extra = extra_of(&[("region", "eu\u{202e}"), ("plan", "")]).unwrap();
        assert_eq!(extra, [("region".into(), "eu".into()), ("plan".to_owned(), String::new())]);
        let many: Vec<_> = (0..17).map(|n| n.to_string()).collect();
        let many: Vec<_> = many.iter().map(|key| (key.as_str(), "x")).collect();
        for bad in [&[("a", "1"), ("a", "2")][..], &[("", "1")], &[("a\n", "1")], &many] {
            assert!(matches!(extra_of(bad), Err(CallError::Broken(_))), "{bad:?}");
        }
    }

    #[test]
    fn listing_accepts_a_repair_only_as_claims_or_https_link() {
        let listed = |repair: Repair| {
            let tenant = Tenant {
                id: "contoso".into(),
                display_name: String::new(),
                state: TenantState::Blocked,
                reason: None,
                mender: None,
                repair: Some(repair),
                extra: vec![],
            };
            listing(Listing { tenants: vec![tenant], ..Listing::default() })
        };
        for good in [
            Repair::SignIn,
            Repair::Claims(r#"{"acrs":{}}"#.into()),
            Repair::Link("https://cloud.example/consent".into()),
        ] {
            let tenants = listed(good.clone()).unwrap().tenants;
            assert_eq!(
                (&tenants[0].repair, tenants[0].display_name.as_str()),
                (&Some(good), "contoso")
            );
        }
        for bad in [
            Repair::Claims("[]".into()),
            Repair::Claims("{".into()),
            Repair::Link("javascript:alert(1)".into()),
            Repair::Link("http://cloud.example".into()),
            Repair::Link("/consent".into()),
        ] {
            assert!(matches!(listed(bad.clone()), Err(CallError::Broken(_))), "{bad:?}");
        }
    }

    #[test]
    fn names_of_a_megabyte_are_refused_in_every_field() {
        let megabyte = || "a".repeat(1 << 20);
        assert!(listed(|one| one.display_name = megabyte()).is_err());
        assert!(listed(|one| one.state = Some(megabyte())).is_err());
        let who = samples::identity("contoso", "zofia");
        assert!(identity(Identity { display_name: megabyte(), ..who.clone() }).is_err());
        assert!(identity(Identity { username: Some(megabyte()), ..who }).is_err());
    }

    #[test]
    fn listing_truncates_a_name_of_64_kib_and_refuses_a_longer_one() {
        let shown = listed(|one| one.display_name = "a".repeat(65_536));
        assert_eq!(shown.unwrap().display_name, "a".repeat(256));
        assert!(listed(|one| one.display_name = "a".repeat(65_537)).is_err());
    }

    #[test]
    fn listing_keeps_ten_thousand_entries_unchanged() {
        let subscriptions = vec![samples::subscription("one"); 10_000];
        let listed =
            listing(Listing { subscriptions: subscriptions.clone(), ..Listing::default() });
        assert_eq!(listed.unwrap().subscriptions, subscriptions);
    }

    #[test]
    fn listing_refuses_too_many_entries_and_truncates_warnings() {
        let subscriptions = vec![samples::subscription("one"); MAX_SUBSCRIPTIONS + 1];
        assert!(listing(Listing { subscriptions, ..Listing::default() }).is_err());
        let warnings = vec!["w\n".repeat(10_000); 100];
        let checked = listing(Listing { warnings, ..Listing::default() }).unwrap();
        assert_eq!(checked.warnings.len(), MAX_WARNINGS);
        assert_eq!(checked.warnings[0], "w".repeat(MAX_WARNING_LEN));
    }

    #[test]
    fn identity_falls_back_to_the_username_or_the_subject() {
        let nameless = || Identity { display_name: "\n".into(), ..samples::identity("c", "zofia") };
        assert_eq!(identity(nameless()).unwrap().display_name, "zofia@contoso.example");
        let unknown = Identity { username: Some("\0".into()), ..nameless() };
        let shown = identity(unknown).unwrap();
        assert_eq!((shown.display_name.as_str(), shown.username), ("zofia", None));
    }
}

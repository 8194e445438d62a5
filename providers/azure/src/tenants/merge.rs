//! The lists of all tenants in one listing: each subscription once.

use std::collections::BTreeMap;

use portico_provider::listing::{Listing, MAX_SUBSCRIPTIONS, Subscription, Tenant};

use super::{report::Verdict, tenant_list::TenantList};

/// The most names in a warning.
const MAX_NAMED: usize = 10;

/// The listing of these tenants, with `warnings` about the directory.
pub(super) fn merged(tenants: Vec<TenantList>, mut warnings: Vec<String>) -> Listing {
    let shown: Vec<_> = tenants.into_iter().filter(|it| it.verdict != Verdict::Hidden).collect();
    let listed: Vec<_> = shown.iter().map(tenant).collect();
    let mut merged = Merged::default();
    for tenant in shown {
        for subscription in tenant.subscriptions {
            merged.add(&tenant.id, &tenant.display_name, subscription);
        }
        let name = &tenant.display_name;
        warnings.extend(tenant.warnings.iter().map(|warning| format!("{name}: {warning}")));
    }
    warnings.extend(merged.warnings());
    Listing { subscriptions: merged.subscriptions, tenants: listed, warnings }
}

fn tenant(list: &TenantList) -> Tenant {
    let report = match &list.verdict {
        Verdict::Failed(report) => Some(report.clone()),
        Verdict::Listed | Verdict::Hidden => None,
    };
    let reason = report.as_ref().map(|report| report.reason.clone());
    let partial = || list.warnings.first().cloned();
    let domain = list.default_domain.iter().map(|it| ("defaultDomain".to_owned(), it.clone()));
    Tenant {
        id: list.id.clone(),
        display_name: list.display_name.clone(),
        state: list.state(),
        reason: reason.or_else(partial),
        mender: report.as_ref().and_then(|report| report.mender),
        repair: report.and_then(|report| report.repair),
        extra: domain.collect(),
    }
}

/// `A, B and 3 more`
fn names<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    let more = names.len().saturating_sub(MAX_NAMED);
    let named = names.take(MAX_NAMED).collect::<Vec<_>>().join(", ");
    if more == 0 { named } else { format!("{named} and {more} more") }
}

/// The subscriptions so far, each once.
#[derive(Default)]
struct Merged {
    subscriptions: Vec<Subscription>,
    /// The places of the subscriptions, by id.
    places: BTreeMap<String, usize>,
    /// The names of the tenants that the subscriptions are listed under, and whether each is the home
    /// tenant.
    seen_from: Vec<(String, bool)>,
    /// Further tenants that have a subscription: its place, and the tenant's name.
    twice: Vec<(usize, String)>,
    is_cut: bool,
}

impl Merged {
    /// Adds a subscription that was seen from this tenant. The tenant that it belongs to is its home
    /// tenant; others see it because it is delegated to them (Azure Lighthouse). It is listed under its
    /// home tenant if that sees it, else under the first.
    fn add(&mut self, tenant: &str, name: &str, listed: Subscription) {
        let home = listed.tenant.clone();
        let is_home = home.as_deref().is_some_and(|home| home.eq_ignore_ascii_case(tenant));
        let mut listed = Subscription { tenant: Some(tenant.to_owned()), ..listed };
        listed.extra.extend(home.map(|home| ("homeTenantId".to_owned(), home)));
        let id = listed.id.to_ascii_lowercase();
        if let Some(&at) = self.places.get(&id) {
            let (known, has_home) = &mut self.seen_from[at];
            if is_home {
                self.subscriptions[at] = listed;
                (*known, *has_home) = (name.to_owned(), true);
            } else {
                self.twice.push((at, name.to_owned()));
            }
        } else if self.subscriptions.len() >= MAX_SUBSCRIPTIONS {
            self.is_cut = true;
        } else {
            self.places.insert(id, self.subscriptions.len());
            self.subscriptions.push(listed);
            self.seen_from.push((name.to_owned(), is_home));
        }
    }

    /// A delegated subscription that its home tenant shows needs none: its `homeTenantId` and
    /// `managedByTenants` say so, and a listing with warnings is taken for incomplete.
    fn warnings(&self) -> Vec<String> {
        let shown = |(at, other): &(usize, String)| {
            let (name, (listed, _)) = (&self.subscriptions[*at].display_name, &self.seen_from[*at]);
            format!("{name} (under {listed}, also in {other})")
        };
        let without_home = self.twice.iter().filter(|(at, _)| !self.seen_from[*at].1);
        let shown: Vec<_> = without_home.map(shown).collect();
        let mut warnings = vec![];
        if !shown.is_empty() {
            let named = names(shown.iter().map(String::as_str));
            warnings
                .push(format!("Subscriptions that several tenants show are listed once: {named}."));
        }
        if self.is_cut {
            warnings.push(format!(
                "Some of your Azure subscriptions are missing: there are more than the \
                 {MAX_SUBSCRIPTIONS} that are listed."
            ));
        }
        warnings
    }
}

//! A listing: the tenants and subscriptions that an account reaches.

use minicbor::{CborLen, Decode, Encode};
use portico_domain::account;

use super::DecodeError;

#[derive(CborLen, Decode, Encode)]
pub(crate) struct Listing<'a> {
    #[b(0)]
    subscriptions: Vec<Subscription<'a>>,
    #[b(1)]
    tenants: Vec<Tenant<'a>>,
    #[b(2)]
    warnings: Vec<&'a str>,
}

#[derive(CborLen, Decode, Encode)]
struct Subscription<'a> {
    #[b(0)]
    id: &'a str,
    #[b(1)]
    display_name: &'a str,
    #[b(2)]
    state: Option<&'a str>,
    #[b(3)]
    tenant: Option<&'a str>,
    #[b(4)]
    extra: Option<Vec<(&'a str, &'a str)>>,
}

#[derive(CborLen, Decode, Encode)]
struct Tenant<'a> {
    #[b(0)]
    id: &'a str,
    #[b(1)]
    display_name: &'a str,
    #[n(2)]
    state: State,
    #[b(3)]
    reason: Option<&'a str>,
    #[n(4)]
    mender: Option<Mender>,
    #[b(5)]
    repair: Option<Repair<'a>>,
    #[b(6)]
    extra: Option<Vec<(&'a str, &'a str)>>,
}

#[derive(CborLen, Decode, Encode)]
#[cbor(index_only)]
enum State {
    #[n(0)]
    Ok,
    #[n(1)]
    Empty,
    #[n(2)]
    WantsMfa,
    #[n(3)]
    WantsConsent,
    #[n(4)]
    Blocked,
    #[n(5)]
    Unreachable,
}

#[derive(CborLen, Decode, Encode)]
#[cbor(index_only)]
enum Mender {
    #[n(0)]
    Person,
    #[n(1)]
    Administrator,
    #[n(2)]
    Operator,
}

#[derive(CborLen, Decode, Encode)]
enum Repair<'a> {
    #[n(0)]
    SignIn,
    #[n(1)]
    Claims(#[b(0)] &'a str),
    #[n(2)]
    Link(#[b(0)] &'a str),
}

impl<'a> Listing<'a> {
    pub(crate) fn of(listing: &'a account::Listing) -> Self {
        Self {
            subscriptions: listing.subscriptions.iter().map(Subscription::of).collect(),
            tenants: listing.tenants.iter().map(Tenant::of).collect(),
            warnings: listing.warnings.iter().map(String::as_str).collect(),
        }
    }

    pub(crate) fn read(plain: &'a [u8]) -> Result<account::Listing, DecodeError> {
        super::decode::<Self>(plain).map(Self::value)
    }

    pub(super) fn value(self) -> account::Listing {
        account::Listing {
            subscriptions: self.subscriptions.into_iter().map(Subscription::read).collect(),
            tenants: self.tenants.into_iter().map(Tenant::read).collect(),
            warnings: self.warnings.into_iter().map(Into::into).collect(),
        }
    }
}

impl<'a> Subscription<'a> {
    fn of(subscription: &'a account::Subscription) -> Self {
        Self {
            id: &subscription.id,
            display_name: &subscription.display_name,
            state: subscription.state.as_deref(),
            tenant: subscription.tenant.as_deref(),
            extra: pairs(&subscription.extra),
        }
    }

    fn read(self) -> account::Subscription {
        account::Subscription {
            id: self.id.into(),
            display_name: self.display_name.into(),
            state: self.state.map(Into::into),
            tenant: self.tenant.map(Into::into),
            extra: owned(self.extra),
        }
    }
}

impl<'a> Tenant<'a> {
    fn of(tenant: &'a account::Tenant) -> Self {
        Self {
            id: &tenant.id,
            display_name: &tenant.display_name,
            state: match tenant.state {
                account::TenantState::Ok => State::Ok,
                account::TenantState::Empty => State::Empty,
                account::TenantState::WantsMfa => State::WantsMfa,
                account::TenantState::WantsConsent => State::WantsConsent,
                account::TenantState::Blocked => State::Blocked,
                account::TenantState::Unreachable => State::Unreachable,
            },
            reason: tenant.reason.as_deref(),
            mender: tenant.mender.map(|mender| match mender {
                account::Mender::Person => Mender::Person,
                account::Mender::Administrator => Mender::Administrator,
                account::Mender::Operator => Mender::Operator,
            }),
            repair: tenant.repair.as_ref().map(|repair| match repair {
                account::Repair::SignIn => Repair::SignIn,
                account::Repair::Claims(claims) => Repair::Claims(claims),
                account::Repair::Link(link) => Repair::Link(link),
            }),
            extra: pairs(&tenant.extra),
        }
    }

    fn read(self) -> account::Tenant {
        account::Tenant {
            id: self.id.into(),
            display_name: self.display_name.into(),
            state: match self.state {
                State::Ok => account::TenantState::Ok,
                State::Empty => account::TenantState::Empty,
                State::WantsMfa => account::TenantState::WantsMfa,
                State::WantsConsent => account::TenantState::WantsConsent,
                State::Blocked => account::TenantState::Blocked,
                State::Unreachable => account::TenantState::Unreachable,
            },
            reason: self.reason.map(Into::into),
            mender: self.mender.map(|mender| match mender {
                Mender::Person => account::Mender::Person,
                Mender::Administrator => account::Mender::Administrator,
                Mender::Operator => account::Mender::Operator,
            }),
            repair: self.repair.map(|repair| match repair {
                Repair::SignIn => account::Repair::SignIn,
                Repair::Claims(claims) => account::Repair::Claims(claims.into()),
                Repair::Link(link) => account::Repair::Link(link.into()),
            }),
            extra: owned(self.extra),
        }
    }
}

/// `None` if there are no pairs, so that nothing is encoded.
fn pairs(pairs: &[(String, String)]) -> Option<Vec<(&str, &str)>> {
    let all = || pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    (!pairs.is_empty()).then(all)
}

fn owned(pairs: Option<Vec<(&str, &str)>>) -> Vec<(String, String)> {
    let pairs = pairs.unwrap_or_default();
    pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect()
}

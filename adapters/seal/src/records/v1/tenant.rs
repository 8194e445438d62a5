//! A tenant of an account in format 1.

use portico_domain::account;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Tenant<'a> {
    id: &'a str,
    display_name: &'a str,
    state: State,
    reason: Option<&'a str>,
    mender: Option<Mender>,
    #[serde(borrow)]
    repair: Option<Repair<'a>>,
    extra: Vec<(&'a str, &'a str)>,
}

#[derive(Debug, Serialize, Deserialize)]
enum State {
    Ok,
    Empty,
    WantsMfa,
    WantsConsent,
    Blocked,
    Unreachable,
}

#[derive(Debug, Serialize, Deserialize)]
enum Mender {
    Person,
    Administrator,
    Operator,
}

#[derive(Debug, Serialize, Deserialize)]
enum Repair<'a> {
    SignIn,
    Claims(&'a str),
    Link(&'a str),
}

impl<'a> Tenant<'a> {
    pub(super) fn of(tenant: &'a account::Tenant) -> Self {
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

    pub(super) fn read(self) -> account::Tenant {
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

pub(super) fn pairs(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
}

pub(super) fn owned(pairs: Vec<(&str, &str)>) -> Vec<(String, String)> {
    pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect()
}

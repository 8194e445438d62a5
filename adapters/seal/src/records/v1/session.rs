//! A session in format 1.

use portico_domain::{
    account::{self, AccountId},
    identity::{Claims, Identity, PersonKey, ProviderId, Subject, TenantId},
    session,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use super::{
    DecodeError,
    tenant::{self, Tenant},
};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Session<'a> {
    person: [u8; 32],
    provider: &'a str,
    user: &'a str,
    #[serde(borrow)]
    accounts: Vec<Account<'a>>,
    created_at: u64,
    seen_at: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Account<'a> {
    id: &'a str,
    provider: &'a str,
    subject: &'a str,
    tenant: &'a str,
    display_name: &'a str,
    username: Option<&'a str>,
    #[serde(borrow)]
    subscriptions: Vec<Subscription<'a>>,
    #[serde(borrow)]
    tenants: Vec<Tenant<'a>>,
    warnings: Vec<&'a str>,
    connected_at: u64,
    refreshed_at: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Subscription<'a> {
    id: &'a str,
    display_name: &'a str,
    state: Option<&'a str>,
    tenant: Option<&'a str>,
    extra: Vec<(&'a str, &'a str)>,
}

impl<'a> Session<'a> {
    pub(crate) fn of(session: &'a session::Session) -> Self {
        Self {
            person: *session.person.as_bytes(),
            provider: session.provider.as_str(),
            user: session.user.json(),
            accounts: session.accounts.iter().map(Account::of).collect(),
            created_at: session.created_at.unix_seconds(),
            seen_at: session.seen_at.unix_seconds(),
        }
    }

    pub(crate) fn read(plain: &'a [u8]) -> Result<session::Session, DecodeError> {
        let record: Self = postcard::from_bytes(plain)?;
        Ok(session::Session {
            person: PersonKey::from_bytes(record.person),
            provider: ProviderId::parse(record.provider)?,
            user: Claims::from_authenticated(record.user.into()),
            accounts: record.accounts.into_iter().map(Account::read).collect::<Result<_, _>>()?,
            created_at: Timestamp::from_unix_seconds(record.created_at),
            seen_at: Timestamp::from_unix_seconds(record.seen_at),
        })
    }
}

impl<'a> Account<'a> {
    pub(super) fn of(account: &'a account::Account) -> Self {
        Self {
            id: account.id.as_str(),
            provider: account.provider.as_str(),
            subject: account.identity.subject.as_str(),
            tenant: account.identity.tenant.as_str(),
            display_name: &account.identity.display_name,
            username: account.identity.username.as_deref(),
            subscriptions: account.subscriptions.iter().map(Subscription::of).collect(),
            tenants: account.tenants.iter().map(Tenant::of).collect(),
            warnings: account.warnings.iter().map(String::as_str).collect(),
            connected_at: account.connected_at.unix_seconds(),
            refreshed_at: account.refreshed_at.unix_seconds(),
        }
    }

    pub(super) fn read(self) -> Result<account::Account, DecodeError> {
        Ok(account::Account {
            id: AccountId::from_text(self.id),
            provider: ProviderId::parse(self.provider)?,
            identity: Identity {
                subject: Subject::parse(self.subject)?,
                tenant: TenantId::parse(self.tenant)?,
                display_name: self.display_name.into(),
                username: self.username.map(Into::into),
            },
            subscriptions: self.subscriptions.into_iter().map(Subscription::read).collect(),
            tenants: self.tenants.into_iter().map(Tenant::read).collect(),
            warnings: self.warnings.into_iter().map(Into::into).collect(),
            connected_at: Timestamp::from_unix_seconds(self.connected_at),
            refreshed_at: Timestamp::from_unix_seconds(self.refreshed_at),
        })
    }
}

impl<'a> Subscription<'a> {
    fn of(subscription: &'a account::Subscription) -> Self {
        Self {
            id: &subscription.id,
            display_name: &subscription.display_name,
            state: subscription.state.as_deref(),
            tenant: subscription.tenant.as_deref(),
            extra: tenant::pairs(&subscription.extra),
        }
    }

    fn read(self) -> account::Subscription {
        account::Subscription {
            id: self.id.into(),
            display_name: self.display_name.into(),
            state: self.state.map(Into::into),
            tenant: self.tenant.map(Into::into),
            extra: tenant::owned(self.extra),
        }
    }
}

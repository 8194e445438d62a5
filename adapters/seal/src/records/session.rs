//! The head of a session, which every request reads. Listings and tokens are separate records.

use std::collections::BTreeSet;

use minicbor::{CborLen, Decode, Encode, bytes::ByteArray};
use portico_domain::{
    account::{self, AccountId, ListingDigest, SharedListing},
    identity::{Claims, Identity, PersonKey, ProviderId, Subject, TenantId, VerifiedEmail},
    session,
    sign_in::SignInKey,
    time::Timestamp,
};

use super::{DecodeError, account_token::AccountToken, client::Client};

/// The random id of the record of one account's tokens; it reveals nothing of the account.
pub(crate) type TokensId = [u8; 16];

/// A decoded head.
#[derive(Debug)]
pub(crate) struct Head {
    /// The session without listings.
    pub(crate) session: session::Session,
    /// The listing of each account; `None` if it is empty.
    pub(crate) listings: Vec<Option<ListingDigest>>,
    /// The ids of the accounts' tokens.
    pub(crate) tokens: Vec<(AccountId, TokensId)>,
}

#[derive(Debug, CborLen, Decode, Encode)]
pub(crate) struct Session<'a> {
    #[n(0)]
    person: ByteArray<32>,
    #[b(1)]
    provider: &'a str,
    #[b(2)]
    user: &'a str,
    #[b(3)]
    accounts: Vec<Account<'a>>,
    #[n(4)]
    created_at: u64,
    #[n(5)]
    seen_at: u64,
    #[b(6)]
    tokens: Vec<TokensOf<'a>>,
    #[n(7)]
    client: Option<Client>,
}

#[derive(Debug, CborLen, Decode, Encode)]
pub(crate) struct Account<'a> {
    #[b(0)]
    id: &'a str,
    #[b(1)]
    provider: &'a str,
    #[b(2)]
    subject: &'a str,
    #[b(3)]
    tenant: &'a str,
    #[b(4)]
    display_name: &'a str,
    #[n(5)]
    connected_at: u64,
    #[n(6)]
    refreshed_at: u64,
    #[b(7)]
    username: Option<&'a str>,
    #[n(8)]
    listing: Option<ByteArray<16>>,
    #[b(9)]
    token: Option<AccountToken<'a>>,
    #[n(11)]
    person: Option<ByteArray<32>>,
    #[b(12)]
    email: Option<&'a str>,
    /// `None` for `false`, which takes no space.
    #[n(13)]
    is_listing_pending: Option<bool>,
    /// `None` for none, which takes no space.
    #[n(14)]
    copied_states: Option<Vec<u32>>,
    #[n(15)]
    provider_session: Option<ByteArray<16>>,
}

#[derive(Debug, CborLen, Decode, Encode)]
struct TokensOf<'a> {
    #[b(0)]
    account: &'a str,
    #[n(1)]
    id: ByteArray<16>,
}

impl<'a> Session<'a> {
    pub(crate) fn of(
        session: &'a session::Session,
        listings: &[Option<ListingDigest>],
        tokens: &'a [(AccountId, TokensId)],
    ) -> Self {
        let accounts = session.accounts.iter().zip(listings);
        let tokens = tokens.iter();
        Self {
            person: (*session.person.as_bytes()).into(),
            provider: session.provider.as_str(),
            user: session.user.json(),
            accounts: accounts.map(|(account, listing)| Account::of(account, *listing)).collect(),
            created_at: session.created_at.unix_seconds(),
            seen_at: session.seen_at.unix_seconds(),
            tokens: tokens
                .map(|(account, id)| TokensOf { account: account.as_str(), id: (*id).into() })
                .collect(),
            client: session.client.as_ref().map(Client::of),
        }
    }

    pub(crate) fn read(plain: &'a [u8]) -> Result<Head, DecodeError> {
        let record: Self = super::decode(plain)?;
        let listings = record.accounts.iter().map(|account| account.listing.map(|it| *it));
        let tokens = record.tokens.iter().map(|of| (AccountId::from_text(of.account), *of.id));
        let (listings, tokens) = (listings.collect(), tokens.collect());
        let accounts = record.accounts.into_iter().map(Account::read);
        let mut accounts = accounts.collect::<Result<Vec<_>, _>>()?;
        let person = PersonKey::from_bytes(*record.person);
        // Earlier versions stored the key of the session's person only, whose account is the first.
        if let Some(first) = accounts.first_mut() {
            first.person.get_or_insert(person);
        }
        let session = session::Session {
            person,
            provider: ProviderId::parse(record.provider)?,
            user: Claims::from_authenticated(record.user.into()),
            accounts,
            created_at: Timestamp::from_unix_seconds(record.created_at),
            seen_at: Timestamp::from_unix_seconds(record.seen_at),
            client: record.client.map(Client::read),
        };
        Ok(Head { session, listings, tokens })
    }
}

fn copied(places: &BTreeSet<u32>) -> Option<Vec<u32>> {
    (!places.is_empty()).then(|| places.iter().copied().collect())
}

impl<'a> Account<'a> {
    pub(super) fn of(account: &'a account::Account, listing: Option<ListingDigest>) -> Self {
        Self {
            id: account.id.as_str(),
            provider: account.provider.as_str(),
            subject: account.identity.subject.as_str(),
            tenant: account.identity.tenant.as_str(),
            display_name: &account.identity.display_name,
            connected_at: account.connected_at.unix_seconds(),
            refreshed_at: account.refreshed_at.unix_seconds(),
            username: account.identity.username.as_deref(),
            listing: listing.map(ByteArray::from),
            token: account.token.as_ref().map(AccountToken::of),
            person: account.person.map(|key| (*key.as_bytes()).into()),
            email: account.email.as_ref().map(VerifiedEmail::as_str),
            is_listing_pending: account.is_listing_pending.then_some(true),
            copied_states: copied(&account.copied_states),
            provider_session: account.provider_session.map(|key| (*key.as_bytes()).into()),
        }
    }

    /// The account without its listing.
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
            person: self.person.map(|key| PersonKey::from_bytes(*key)),
            email: self.email.map(|text| VerifiedEmail::from_authenticated(text.into())),
            provider_session: self.provider_session.map(|key| SignInKey::from_bytes(*key)),
            listing: SharedListing::default(),
            connected_at: Timestamp::from_unix_seconds(self.connected_at),
            refreshed_at: Timestamp::from_unix_seconds(self.refreshed_at),
            is_listing_pending: self.is_listing_pending.unwrap_or_default(),
            copied_states: self.copied_states.into_iter().flatten().collect(),
            token: self.token.map(AccountToken::read),
        })
    }
}

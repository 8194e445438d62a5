//! The kinds of fault.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Encoding, EndlessPart, Target};
use crate::cloud::Cloud;
use crate::signing::SigningAlgorithm;

/// The kind of a fault. In JSON an object whose `type` is the name in snake case: `{"type": "slow", "millis": 500}`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultKind {
    /// The correct response, delayed.
    Slow {
        /// Delay in milliseconds.
        millis: u64,
    },
    /// The correct response, its body sent one byte every 100 ms.
    Drip,
    /// No response; the connection stays open.
    Hang,
    /// The correct response, once the faults are cleared.
    Held,
    /// This status with a short JSON error body.
    Status {
        /// The status.
        code: u16,
        /// Value of `Retry-After` in seconds.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// 200 and `application/json`, with a body that is not JSON.
    Garbage,
    /// Half of the correct body with the `Content-Length` of the whole, then the connection closes.
    Truncated,
    /// 200 with one streamed JSON string of this length.
    Huge {
        /// Length of the body in bytes.
        bytes: u64,
    },
    /// A redirect.
    Redirect {
        /// Value of `Location`.
        location: String,
        /// The status; `Location` is sent with any status.
        #[serde(default = "temporary_redirect")]
        code: u16,
    },
    /// The connection closes without a response.
    Close,
    /// The response has an endless part outside its body.
    Endless {
        /// The endless part.
        part: EndlessPart,
    },
    /// The correct response, a JSON object, with this member written before the others: if it exists, it occurs twice.
    RepeatMember {
        /// Name of the member.
        name: String,
        /// Value of the first occurrence.
        value: Value,
    },
    /// The correct response, a JSON object, without this member.
    OmitMember {
        /// Name of the member.
        name: String,
    },

    /// Token, authorize: an OAuth error instead of success (400 with JSON, or a redirect with `error`).
    OauthError {
        /// The error code, such as `invalid_grant`.
        error: String,
        /// `error_description`, unchanged.
        #[serde(default)]
        description: String,
    },

    /// ID token: `iss` names another host.
    WrongIssuer,
    /// ID token: `aud` names another application.
    WrongAudience,
    /// ID token: this claim is missing.
    Missing {
        /// The claim.
        name: String,
    },
    /// ID token: expired an hour ago.
    Expired,
    /// ID token: `nbf` an hour ahead.
    NotYetValid,
    /// ID token: `iat` an hour ahead.
    IatInFuture,
    /// ID token: a different `nonce`.
    WrongNonce,
    /// ID token: no `nonce`.
    NoNonce,
    /// ID token: `alg` is `none` and the signature empty.
    AlgNone {
        /// Spelling of `none`.
        #[serde(default = "none")]
        spelling: String,
    },
    /// ID token: HS256 with the public key's PEM as the secret.
    Hs256WithPublicKey,
    /// ID token: modified signature.
    BadSignature,
    /// ID token: valid signature, but `kid` names no published key.
    UnknownKid,
    /// ID token: valid signature, no `kid`.
    NoKid,
    /// ID token: signed with an unpublished key that the header contains as `jwk`.
    KeyInHeader,
    /// ID token: `tid` names another tenant than `iss`.
    WrongTid,
    /// ID token: `tid` and `iss` name the tenant by a domain instead of a GUID.
    TidNotGuid,
    /// ID token: sets a claim to a value.
    SetClaim {
        /// The claim.
        name: String,
        /// Value of the header.
        value: Value,
    },

    /// ID token: writes this claim before the others: if it exists, it occurs twice.
    RepeatClaim {
        /// The claim.
        name: String,
        /// Its first value.
        value: Value,
    },

    /// ID token: sets a header member, such as `jku`, `crit` or `typ`.
    SetHeader {
        /// The member.
        name: String,
        /// Its value.
        value: Value,
    },

    /// Discovery: `issuer` names another host.
    OtherIssuer,
    /// Discovery, token responses: sets a member to a value. Keys: sets it in every key.
    SetMember {
        /// The member.
        name: String,
        /// Its value.
        value: Value,
    },
    /// Discovery: advertises RFC 9207's `iss`; `send` determines what the authorization endpoint sends. Lasts until
    /// cleared.
    IssParameter {
        /// The `iss` parameter that is sent.
        #[serde(default)]
        send: SentIssuer,
    },

    /// ID token: signed with this algorithm and its own key. Keys: adds that key. Discovery: advertises only this
    /// algorithm.
    SignedBy {
        /// The algorithm.
        algorithm: SigningAlgorithm,
    },

    /// Keys: only the signing key, without `kid`, as a provider with one key may publish it.
    OneKey,
    /// Keys: the `issuer` of each key is another issuer.
    OtherKeyIssuer,

    /// Listings: the next-page pointer of every page is this: a link, page token, page number or range, as the cloud
    /// uses.
    NextLink {
        /// The URL or other pointer.
        url: String,
    },
    /// Listings: the next-page pointer of every page leads to the first page.
    NextLinkCircle,
    /// Azure's subscriptions: the first page has this many additional entries, with ids of 80 digits.
    MadeUp {
        /// Number of entries.
        count: usize,
    },
    /// GitHub's organizations: these require SAML single sign-on, so they are left out and named in the header
    /// `X-GitHub-SSO`.
    SingleSignOn {
        /// Organization ids.
        organizations: Vec<u64>,
    },
    /// GitHub's organizations: 403 with the single sign-on URL in the header `X-GitHub-SSO`.
    SingleSignOnRequired {
        /// The single sign-on URL.
        url: String,
    },
    /// GitHub's organizations, the OpenID provider's environments: sets this header on every page.
    SetReplyHeader {
        /// Name of the header.
        name: String,
        /// Its value.
        value: String,
    },
    /// Listings and accounts: replaces every display name.
    SetNames {
        /// The display name.
        text: String,
    },
    /// Every display name begins with an unpaired surrogate (RFC 8259 section 8.2), like a name cut within an emoji.
    CutNames,
    /// Listings and accounts: every display name is the caller's access token.
    EchoToken,
    /// Listings and accounts: every display name is the caller's access token, encoded.
    EchoEncoded {
        /// The encoding.
        encoding: Encoding,
    },
    /// Listings and accounts: 401 for any token.
    Unauthorized {
        /// Resource Manager: the challenge is `insufficient_claims` with a claims request, not `invalid_token`.
        #[serde(default)]
        insufficient_claims: bool,
    },

    /// Token: shifts the emulator's clock by this many seconds, for every time it writes and every expiry it checks.
    /// Lasts until cleared.
    Clock {
        /// Shift in seconds; negative is behind.
        seconds: i64,
    },
}

/// The `iss` parameter that the authorization endpoint sends while [`FaultKind::IssParameter`] is set.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SentIssuer {
    /// The issuer of the ID token that will follow.
    #[default]
    Right,
    /// Another issuer.
    Wrong,
    /// No `iss` parameter.
    Absent,
}

fn none() -> String {
    "none".to_owned()
}

fn temporary_redirect() -> u16 {
    307
}

impl FaultKind {
    /// Whether this is a transport fault, which applies to every endpoint.
    pub(crate) fn is_transport(&self) -> bool {
        use FaultKind::*;
        matches!(
            self,
            Slow { .. }
                | Drip
                | Hang
                | Held
                | Status { .. }
                | Garbage
                | Truncated
                | Huge { .. }
                | Redirect { .. }
                | Close
                | Endless { .. }
                | RepeatMember { .. }
                | OmitMember { .. }
                | CutNames
        )
    }

    /// Whether the fault affects the content of an ID token.
    pub(crate) fn is_about_id_token(&self) -> bool {
        use FaultKind::*;
        matches!(
            self,
            WrongIssuer
                | WrongAudience
                | Missing { .. }
                | Expired
                | NotYetValid
                | IatInFuture
                | WrongNonce
                | NoNonce
                | AlgNone { .. }
                | Hs256WithPublicKey
                | BadSignature
                | UnknownKid
                | NoKid
                | KeyInHeader
                | WrongTid
                | TidNotGuid
                | SetClaim { .. }
                | RepeatClaim { .. }
                | SetHeader { .. }
                | SignedBy { .. }
        )
    }

    /// The ID token's signature algorithm if the fault changes it from RS256.
    pub(crate) fn algorithm(&self) -> Option<SigningAlgorithm> {
        match self {
            Self::SignedBy { algorithm } => Some(*algorithm),
            _ => None,
        }
    }

    /// Whether the fault lasts until cleared and has no number of occurrences.
    pub(crate) fn is_persistent(&self) -> bool {
        matches!(self, Self::Clock { .. } | Self::IssParameter { .. })
    }

    /// Whether the fault can occur at this endpoint.
    pub(super) fn applies_to(&self, target: Target) -> bool {
        use FaultKind::*;
        match self {
            kind if kind.is_transport() => true,
            WrongTid | TidNotGuid | Clock { .. } => target == Target::Token,
            SignedBy { .. } => {
                target.issues_id_tokens() || target.is_keys() || target.is_discovery()
            }
            kind if kind.is_about_id_token() => target.issues_id_tokens(),
            OauthError { .. } => target.is_oauth(),
            OtherIssuer | IssParameter { .. } => target.is_discovery(),
            SetMember { .. } => target.is_discovery() || target.is_keys() || target.is_token(),
            MadeUp { .. } => target == Target::Subscriptions,
            SingleSignOn { .. } | SingleSignOnRequired { .. } => {
                target == Target::CloudListing(Cloud::GitHub)
            }
            SetReplyHeader { .. } => {
                [Cloud::GitHub, Cloud::Oidc].map(Target::CloudListing).contains(&target)
            }
            OneKey => target.is_keys(),
            OtherKeyIssuer => target == Target::Keys,
            Unauthorized { insufficient_claims: true } => {
                matches!(target, Target::Subscriptions | Target::Tenants)
            }
            SetNames { .. } | EchoToken | EchoEncoded { .. } | Unauthorized { .. } => {
                target.is_listing() || matches!(target, Target::CloudAccount(_))
            }
            _ => target.is_listing(),
        }
    }
}

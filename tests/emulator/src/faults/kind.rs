//! The kinds of fault.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Encoding, EndlessPart, Target};
use crate::clouds::Cloud;
use crate::signing::SigningAlgorithm;

/// What goes wrong. In JSON an object whose `type` is the name in snake case: `{"type": "slow", "millis": 500}`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultKind {
    /// The right answer, late.
    Slow {
        /// How late.
        millis: u64,
    },
    /// The right answer, its body one byte every 100 ms.
    Drip,
    /// No answer, the connection open.
    Hang,
    /// This status with a short error in its body.
    Status {
        /// The status.
        code: u16,
        /// The header `Retry-After`, in seconds.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// 200 and `application/json`, but no JSON.
    Garbage,
    /// Half of the right answer, under the `Content-Length` of the whole, then the connection closes.
    Truncated,
    /// 200 and one JSON string of this many bytes, streamed.
    Huge {
        /// How many.
        bytes: u64,
    },
    /// A redirect to somewhere else.
    Redirect {
        /// Where.
        location: String,
        /// The status; one that says nothing of a redirect comes with the `Location` all the same.
        #[serde(default = "temporary_redirect")]
        code: u16,
    },
    /// The connection closes without an answer.
    Close,
    /// The answer begins and has no end, outside its body.
    Endless {
        /// Where it has none.
        part: EndlessPart,
    },
    /// The right answer, a JSON object, in which this member stands twice: first with this value.
    RepeatMember {
        /// The member.
        name: String,
        /// Its first value.
        value: Value,
    },

    /// Token, authorize: an OAuth error instead of success (400 with JSON; a redirect with `error`).
    OauthError {
        /// The code, such as `invalid_grant`.
        error: String,
        /// `error_description`, word for word.
        #[serde(default)]
        description: String,
    },

    /// ID token: `iss` of another host.
    WrongIssuer,
    /// ID token: `aud` of another application.
    WrongAudience,
    /// ID token: without this claim.
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
    /// ID token: another `nonce`.
    WrongNonce,
    /// ID token: no `nonce`.
    NoNonce,
    /// ID token: `alg` none and no signature.
    AlgNone {
        /// How `none` is spelled.
        #[serde(default = "none")]
        spelling: String,
    },
    /// ID token: HS256 with the PEM of the public key as the secret.
    Hs256WithPublicKey,
    /// ID token: the signature altered.
    BadSignature,
    /// ID token: rightly signed, but `kid` names no published key.
    UnknownKid,
    /// ID token: rightly signed, no `kid`.
    NoKid,
    /// ID token: signed by a stranger's key, which the header brings along as `jwk`.
    KeyInHeader,
    /// ID token: `tid` of another tenant than `iss` says.
    WrongTid,
    /// ID token: `tid`, and with it `iss`, names a tenant by something that is no GUID.
    TidNotGuid,
    /// ID token: any claim, any value.
    SetClaim {
        /// The claim.
        name: String,
        /// Its value.
        value: Value,
    },

    /// ID token: this claim stands twice, first with this value.
    RepeatClaim {
        /// The claim.
        name: String,
        /// Its first value.
        value: Value,
    },

    /// ID token: any member of its header, any value: `jku`, `crit`, `typ`.
    SetHeader {
        /// The member.
        name: String,
        /// Its value.
        value: Value,
    },

    /// Discovery: `issuer` of another host.
    OtherIssuer,
    /// Discovery, Entra ID's token answers: any member, any value. Keys: the same in every key.
    SetMember {
        /// The member.
        name: String,
        /// Its value.
        value: Value,
    },
    /// Discovery: advertises RFC 9207's `iss`, which the authorization endpoint then sends. Lasts until cleared.
    IssParameter {
        /// What it sends.
        #[serde(default)]
        send: SentIssuer,
    },

    /// ID token: signed by this algorithm, with a key of its own. Keys: that key besides. Discovery: that this algorithm
    /// alone signs ID tokens.
    SignedBy {
        /// The algorithm.
        algorithm: SigningAlgorithm,
    },

    /// Keys: only the key that signs, and without its `kid`, as a provider with one key may publish it.
    OneKey,
    /// Keys: each key says that it belongs to another issuer.
    OtherKeyIssuer,

    /// Listings: what leads to the next page is this on every page: a link where the cloud sends links, otherwise its
    /// page token, page number or range.
    NextLink {
        /// The URL, or what stands for it.
        url: String,
    },
    /// Listings: what leads to the next page leads to the first one, on every page.
    NextLinkCircle,
    /// Azure's subscriptions: the first page has so many more, which are made up and have ids of 80 digits.
    MadeUp {
        /// How many.
        count: usize,
    },
    /// GitHub's organizations: those with these numbers want their single sign-on, are left out, and
    /// the header `X-GitHub-SSO` says so.
    SingleSignOn {
        /// The numbers.
        organizations: Vec<u64>,
    },
    /// GitHub's organizations: 403, and the header `X-GitHub-SSO` says where to sign in first.
    SingleSignOnRequired {
        /// Where.
        url: String,
    },
    /// GitHub's organizations, the OpenID provider's environments: this header beside the others, on
    /// every page.
    SetReplyHeader {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// Listings and accounts: every display name is this.
    SetNames {
        /// The text.
        text: String,
    },
    /// Every display name begins with half a surrogate pair (RFC 8259 section 8.2), as of a name cut within an emoji.
    CutNames,
    /// Listings and accounts: every display name is the access token that the caller brought.
    EchoToken,
    /// Listings and accounts: the same, encoded.
    EchoEncoded {
        /// How.
        encoding: Encoding,
    },
    /// Listings and accounts: 401, whatever the token.
    Unauthorized {
        /// Resource Manager: ask for a new sign-in with claims (`insufficient_claims`) rather than call the token
        /// invalid.
        #[serde(default)]
        insufficient_claims: bool,
    },

    /// Token: the emulator's own clock runs this many seconds ahead, or behind if negative: for every time it
    /// writes and every expiry it checks. Lasts until cleared.
    Clock {
        /// The difference.
        seconds: i64,
    },
}

/// What the authorization endpoint sends as `iss` while [`FaultKind::IssParameter`] is set.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SentIssuer {
    /// The issuer of the ID token that will follow: honest.
    #[default]
    Right,
    /// Another issuer.
    Wrong,
    /// Nothing.
    Absent,
}

fn none() -> String {
    "none".to_owned()
}

fn temporary_redirect() -> u16 {
    307
}

impl FaultKind {
    /// Whether it spoils a whole answer, whatever the endpoint.
    pub(crate) fn is_transport(&self) -> bool {
        use FaultKind::*;
        matches!(
            self,
            Slow { .. }
                | Drip
                | Hang
                | Status { .. }
                | Garbage
                | Truncated
                | Huge { .. }
                | Redirect { .. }
                | Close
                | Endless { .. }
                | RepeatMember { .. }
                | CutNames
        )
    }

    /// Whether it is about an ID token.
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

    /// The algorithm of an ID token, where it is not RS256.
    pub(crate) fn algorithm(&self) -> Option<SigningAlgorithm> {
        match self {
            Self::SignedBy { algorithm } => Some(*algorithm),
            _ => None,
        }
    }

    /// Whether it is a state rather than an event: it ends when cleared, not by use.
    pub(crate) fn lasts(&self) -> bool {
        matches!(self, Self::Clock { .. } | Self::IssParameter { .. })
    }

    /// Whether it can happen there.
    pub(super) fn fits(&self, target: Target) -> bool {
        use FaultKind::*;
        match self {
            kind if kind.is_transport() => true,
            WrongTid | TidNotGuid | Clock { .. } => target == Target::Token,
            SignedBy { .. } => {
                target.issues_id_tokens() || target.is_keys() || target.is_discovery()
            }
            kind if kind.is_about_id_token() => target.issues_id_tokens(),
            OauthError { .. } => target.speaks_oauth(),
            OtherIssuer | IssParameter { .. } => target.is_discovery(),
            SetMember { .. } => {
                target.is_discovery() || target.is_keys() || target == Target::Token
            }
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

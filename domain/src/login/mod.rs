//! A login, from the redirect to the identity provider until a session has its account.
//!
//! Each state is a type, and each transition consumes the state before it, so that no state is used
//! twice: a callback is accepted once, and a code is redeemed once.
//!
//! | State | The login has | Next |
//! | --- | --- | --- |
//! | [`PendingLogin`] | state, nonce, PKCE verifier; sealed in the browser's cookie | [`accept`](PendingLogin::accept), after [`LoginAttempts::spend`](crate::ports::LoginAttempts::spend) |
//! | [`AuthorizedLogin`] | an authorization code | [`redeem`](AuthorizedLogin::redeem) |
//! | [`RedeemingLogin`] | a token request under way | [`redeemed`](RedeemingLogin::redeemed) |
//! | [`RedeemedLogin`] | tokens and verified claims | [`identified`](RedeemedLogin::identified) |
//! | [`IdentifiedLogin`] | a person | [`listed`](IdentifiedLogin::listed) |
//! | [`ListedLogin`] | an account with tokens | a session ([`LandLogin`](crate::use_cases::LandLogin)), or [`Undecided::about`] |
//! | [`Undecided`] | a question for its person | a [`Choice`]: the [`ListedLogin`] gets a session or is dropped |
//! | [`FinishedLogin`] | a session or a question | nothing: only the browser remembers it |
//!
//! The use cases perform what lies between two states:
//! [`BeginLogin`](crate::use_cases::BeginLogin) makes the first,
//! [`CompleteLogin`](crate::use_cases::CompleteLogin) goes on to the session, and
//! [`DecideLogin`](crate::use_cases::DecideLogin) ends what waits. A store or a cookie holds
//! [`PendingLogin`], [`Undecided`] and [`FinishedLogin`]; the other states last one request.

use std::time::Duration;

mod authorized;
mod callback;
pub mod decision;
pub mod epoch;
mod finished;
mod keys;
mod listed;
mod pending;
mod redeemed;

pub use self::{
    authorized::{AuthorizedLogin, RedeemingLogin, Redemption},
    callback::{AuthorizationResponse, Callback, CallbackRejected, OAuthError},
    decision::{Choice, DECISION_LIFETIME, DecisionKey, MAX_UNDECIDED, Undecided},
    epoch::{CurrentEpoch, Epoch},
    finished::FinishedLogin,
    keys::{AttemptKey, BrowserKey},
    listed::ListedLogin,
    pending::{LoginOrigin, LoginSecrets, PendingLogin, ResponseIssuer},
    redeemed::{IdentifiedLogin, RedeemedLogin, SessionOwner, SignedIn},
};

/// How long a person may take to sign in. Multi-factor enrolment takes minutes; a code lives ten.
pub const ATTEMPT_LIFETIME: Duration = Duration::from_secs(15 * 60);

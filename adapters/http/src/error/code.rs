//! The table of errors: code, status, message, advice and `Retry-After`. A test compares docs/errors.md
//! with it.

use portico_domain::apps::AccessDenied;
use warp::http::StatusCode;

const SIGN_IN_AGAIN: &str = "Go back to the sign-in page and sign in again.";
const CALLER: &str = "This is for whoever made the page or program that asked: see the routes in \
                      Portico's README.";
const LATER: &str = "Nothing was changed. Try again in a moment.";
const OPERATOR: &str = "Try again later. If it goes on, tell whoever runs this Portico.";
const SETTINGS: &str = "Trying again does not help. Tell whoever runs this Portico: its log says \
                        which setting is wrong.";
const PLUG_IN: &str =
    "Tell whoever runs this Portico: the log says what is wrong with the plug-in.";
const CLOCKS: &str = "Tell whoever runs this Portico: one of the two clocks has to be set right.";
const ADDRESS: &str = "Check the address, or start at the sign-in page.";
const ORIGIN: &str = "Make the call from such a page, or set DASHBOARD_URL to the page's origin.";
const TENANT: &str = "Sign in with an account of an organisation that may, or ask whoever runs this \
                      Portico to allow yours.";
const SECRET: &str = "Tell whoever runs this Portico: its client secret or certificate may be wrong or have expired.";
const CONSENT: &str =
    "Sign in again and accept what is asked, or ask your administrator for access.";
const WINDOW: &str = "Open the sign-in page in a window of its own, and sign in there.";

const PROXY: &str = "Compare the proxy's configuration with the page about it in docs/proxies.";
const OTHER_ACCOUNT: &str =
    "Sign out and in again with another account, or ask whoever runs the app for access.";
const BACKEND: &str = "This is for whoever made the backend: see docs/backends.md.";
const LOGOUT_TOKEN: &str = "Tell whoever runs this Portico: its log names the check that failed.";
const OPEN_APP: &str = "Open the app again.";
const CIRCLE: &str = "Tell whoever runs the app to check that the proxy sends X-Forwarded-Proto as the \
                      browser sees it (https needs a Secure cookie), passes the Host of the request on, \
                      and passes /portico/ to Portico; and that your browser takes cookies of the app.";

/// The codes that are errors of OAuth themselves (RFC 6749 section 5.2, RFC 8693 section 2.2.2, OpenID
/// Connect Core section 3.1.2.6).
const OAUTH: [&str; 7] = [
    "invalid_client",
    "invalid_request",
    "invalid_scope",
    "invalid_target",
    "interaction_required",
    "unauthorized_client",
    "unsupported_grant_type",
];

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Row {
    /// The stable code for programs. Errors that a program need not distinguish share one.
    pub(crate) code: &'static str,
    pub(crate) status: StatusCode,
    /// What happened, for a person, with placeholders such as `{provider}`.
    pub(crate) message: &'static str,
    /// What the person can do.
    pub(crate) advice: &'static str,
    /// `Retry-After` in seconds (RFC 9110 section 10.2.3).
    pub(crate) retry_after: Option<u32>,
}

macro_rules! error_codes {
    ($($name:ident = $code:literal $status:ident $message:literal, $advice:expr $(, retry $seconds:literal)?;)+) => {
        /// The errors of responses.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum ErrorCode {
            $(#[doc = $message] $name,)+
        }

        impl ErrorCode {
            /// In the order of the table.
            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$name),+];

            pub(crate) fn row(self) -> &'static Row {
                static ROWS: &[Row] = &[$(Row {
                    code: $code,
                    status: StatusCode::$status,
                    message: $message,
                    advice: $advice,
                    retry_after: error_codes!(@retry $($seconds)?),
                }),+];
                &ROWS[self as usize]
            }
        }
    };
    (@retry) => { None };
    (@retry $seconds:literal) => { Some($seconds) };
}

error_codes! {
    // The request itself
    BadHost = "bad_host" BAD_REQUEST
        "The request must name one host, in its Host header.", CALLER;
    RepeatedParameter = "repeated_parameter" BAD_REQUEST
        "The parameter {name} stands more than once.", CALLER;
    BadTenant = "bad_parameter" BAD_REQUEST
        "The parameter tenant is not a tenant's id or name.", CALLER;
    BadClaims = "bad_parameter" BAD_REQUEST
        "The parameter claims is not what a tenant of this session asks for.", CALLER;
    BadPrompt = "bad_parameter" BAD_REQUEST
        "The parameter prompt must be none, login, consent or select_account.", CALLER;
    BadRefresh = "bad_parameter" BAD_REQUEST
        "The parameter refresh must be true or false.", CALLER;
    BadLoginHint = "bad_parameter" BAD_REQUEST
        "The parameter login_hint is not a user name.", CALLER;
    BadAfter = "bad_parameter" BAD_REQUEST
        "The parameter after must be a whole number.", CALLER;
    BadProviderSession = "bad_parameter" BAD_REQUEST
        "The parameter sid must be the id of a session at the provider.", CALLER;
    BadLogOutBody = "bad_body" BAD_REQUEST
        "The body must be empty, {\"everywhere\": true} or {\"everywhere\": false}.", CALLER;
    BadDecisionBody = "bad_body" BAD_REQUEST
        "The form must hold login and choice: connect, sign-in or neither.", CALLER;
    BrokenBody = "bad_body" BAD_REQUEST
        "The request broke off in the middle of its body.", CALLER;
    NotFound = "not_found" NOT_FOUND
        "There is nothing at this address.", ADDRESS;
    NoIcon = "not_found" NOT_FOUND
        "There is no such picture.", ADDRESS;
    UnknownProvider = "unknown_provider" NOT_FOUND
        "There is no such provider here.", ADDRESS;
    NoLongerOffered = "unknown_provider" NOT_FOUND
        "Signing in with {provider} is no longer offered here, so nothing was changed.",
        "Sign in with another cloud, or ask whoever runs this Portico.";
    UnknownAccount = "unknown_account" NOT_FOUND
        "You have no such account here.", ADDRESS;
    UnknownSession = "unknown_session" NOT_FOUND
        "You have no such session.", "Load the list of your sessions again.";
    MethodNotAllowed = "method_not_allowed" METHOD_NOT_ALLOWED
        "This address takes {allow} alone.", CALLER;
    BodyTooSlow = "body_too_slow" REQUEST_TIMEOUT
        "The body of the request did not come in time.", "Send it again: it may take 10 seconds.";
    TooLarge = "too_large" PAYLOAD_TOO_LARGE
        "The body of the request is too large: {limit} bytes are taken.", CALLER;
    AddressTooLong = "address_too_long" URI_TOO_LONG
        "The address is too long: 8,192 bytes of path and query are taken.", CALLER;
    // The page that it comes from
    WrongOrigin = "wrong_origin" FORBIDDEN
        "This call must come from a page of Portico or of the dashboard: {why}.", ORIGIN;
    WrongMethod = "wrong_method" FORBIDDEN
        "A page of another origin may not send {sent}, but {allowed}.", CALLER;
    WrongHeader = "wrong_header" FORBIDDEN
        "A page of another origin may not send the header {sent}: of those that need a preflight it \
         may send {allowed} alone.", CALLER;
    NotANavigation = "not_a_navigation" FORBIDDEN
        "A sign-in begins and ends where a browser shows this address itself: not in a frame, as an \
         image, from a script, or fetched ahead.", WINDOW;
    // Sessions
    NoSession = "no_session" UNAUTHORIZED
        "You are not signed in.", SIGN_IN_AGAIN;
    SessionExpired = "no_session" UNAUTHORIZED
        "Your session has expired: it was not used for a while, or was as old as one may be.",
        SIGN_IN_AGAIN;
    SignedOut = "no_session" UNAUTHORIZED
        "You have signed out.", SIGN_IN_AGAIN;
    SessionEndedElsewhere = "session_ended" UNAUTHORIZED
        "This session has ended: you ended it from another browser.", SIGN_IN_AGAIN;
    SessionEndedAtProvider = "session_ended" UNAUTHORIZED
        "This session has ended: you were signed out at the cloud that you signed in with.",
        SIGN_IN_AGAIN;
    SessionCrowdedOut = "session_ended" UNAUTHORIZED
        "This session has ended: you have signed in as often as one person may be signed in at once, \
         and this was the oldest.", SIGN_IN_AGAIN;
    SignedOutEverywhere = "session_ended" UNAUTHORIZED
        "This session has ended: you signed out everywhere.", SIGN_IN_AGAIN;
    SessionNotAllowed = "session_ended" UNAUTHORIZED
        "This session has ended: the cloud or the organisation that you signed in with may not be \
         used here any more.", SIGN_IN_AGAIN;
    SessionOtherPerson = "session_ended" UNAUTHORIZED
        "This session has ended: the cloud that you signed in with has answered for somebody else.",
        SIGN_IN_AGAIN;
    SessionEndedMeanwhile = "session_ended" UNAUTHORIZED
        "Your session ended while you were signing in, so nothing was changed.", SIGN_IN_AGAIN;
    ProviderAway = "provider_away" SERVICE_UNAVAILABLE
        "{provider} cannot be used here now, and your session waits for it.", OPERATOR, retry 10;
    // Logouts that a provider begins
    InvalidLogoutToken = "invalid_logout_token" BAD_REQUEST
        "The logout token was refused.", LOGOUT_TOKEN;
    LogoutUndone = "logout_undone" BAD_REQUEST
        "The logout could not be carried out now.", "Send a logout token again.";
    // Callbacks that fit no login
    MissingState = "missing_state" BAD_REQUEST
        "This answer names no sign-in.", SIGN_IN_AGAIN;
    UnknownLogin = "unknown_login" BAD_REQUEST
        "This sign-in is not under way in this browser: it was finished, took longer than 15 minutes, \
         was begun in another browser, or its cookie is gone.", SIGN_IN_AGAIN;
    OtherProvider = "other_provider" BAD_REQUEST
        "This answer belongs to a sign-in with another provider.", SIGN_IN_AGAIN;
    WrongIssuer = "wrong_issuer" BAD_REQUEST
        "This answer does not come from the provider that was asked.", SIGN_IN_AGAIN;
    NoCode = "no_code" UNAUTHORIZED
        "This answer holds neither a code nor an error.", SIGN_IN_AGAIN;
    // Logins refused by the person, the provider or Portico
    ProviderRefused = "provider_refused" FORBIDDEN
        "{provider} did not let you sign in, or you declined.", CONSENT;
    NotSignedInThere = "provider_refused" FORBIDDEN
        "You are not signed in at {provider}, which was asked not to have you sign in.", "Sign in.";
    InteractionRequired = "provider_refused" FORBIDDEN
        "{provider} has to ask you something first, and was asked not to.",
        "Sign in again, and answer what it asks.";
    RegistrationRefused = "registration_refused" FORBIDDEN
        "{provider} does not accept Portico's own registration.", SECRET;
    TenantNotAllowed = "tenant_not_allowed" FORBIDDEN
        "Your organisation's directory (tenant) may not sign in here.", TENANT;
    OwnAccount = "own_account" CONFLICT
        "This is the account that you signed in with: without it there is no session.",
        "Sign out instead.";
    AccountNeedsSignIn = "account_needs_sign_in" CONFLICT
        "{provider} wants you to sign in with this account again.",
        "Follow its repair link, which /api/session names.";
    TooManyAccounts = "too_many_accounts" FORBIDDEN
        "Your session has as many accounts as it may have.",
        "Sign out and connect those that you need.";
    SignInFirst = "sign_in_first" UNAUTHORIZED
        "{provider} can be connected to a session, and you have none.",
        "Sign in with another cloud first, then connect this one.";
    NothingToDecide = "nothing_to_decide" BAD_REQUEST
        "There is nothing to choose: it was chosen already, or took longer than 10 minutes.",
        SIGN_IN_AGAIN;
    OtherDecision = "other_decision" BAD_REQUEST
        "This choice is about another sign-in, or about a session that you do not have now.",
        SIGN_IN_AGAIN;
    // Providers at fault
    ProviderInvalid = "provider_untrue" BAD_GATEWAY
        "{provider} answered something that Portico cannot trust or read.", OPERATOR;
    ProviderBroken = "provider_broken" BAD_GATEWAY
        "The plug-in for {provider} failed.", PLUG_IN;
    ProviderMisconfigured = "provider_misconfigured" BAD_GATEWAY
        "Signing in with {provider} is not set up rightly here.", SETTINGS;
    ClockDiffers = "clock_differs" BAD_GATEWAY
        "The clock of {provider} and the one here differ too much to sign you in.", CLOCKS;
    ProviderUnreachable = "provider_unreachable" SERVICE_UNAVAILABLE
        "{provider} cannot be reached now.", LATER, retry 10;
    ProviderNotLoaded = "provider_away" SERVICE_UNAVAILABLE
        "Signing in with {provider} is not ready here yet.", LATER, retry 5;
    ProviderTimeout = "provider_timeout" GATEWAY_TIMEOUT
        "{provider} did not answer in time.", LATER;
    // Protected apps
    UntrustedProxy = "untrusted_proxy" FORBIDDEN
        "Portico answers this to proxies that it trusts alone, and {address} is none.",
        "Write the network of the proxy into PORTICO_TRUSTED_PROXIES.";
    BadForwarded = "bad_forwarded" BAD_REQUEST
        "The proxy must send the header {header} once, with a value that fits.", PROXY;
    UnknownApp = "unknown_app" FORBIDDEN
        "No protected app is reached at {origin}.",
        "Write the origin into [[apps]] of portico.toml, or correct what the proxy sends.";
    AppNotAllowed = "app_not_allowed" FORBIDDEN
        "Your account may not use {app}.", OTHER_ACCOUNT;
    AppClaimUnknown = "app_not_allowed" FORBIDDEN
        "Whether your account may use {app} is not known: your cloud left out what decides it, as it \
         does for people who are in many groups.", OTHER_ACCOUNT;
    BadHandOff = "bad_parameter" BAD_REQUEST
        "This address lacks a part of what an app sends along, or it is not whole.", OPEN_APP;
    HandOffRefused = "unknown_hand_off" BAD_REQUEST
        "This sign-in at the app is over: it was finished, took longer than 30 seconds, or was begun in \
         another browser.", OPEN_APP;
    SignInCircle = "sign_in_circle" BAD_REQUEST
        "You are signed in, but your browser does not bring its cookie back to {app}: the third try \
         within 10 seconds ends here.", CIRCLE;
    NoSigningKey = "not_ready" SERVICE_UNAVAILABLE
        "Portico cannot sign tokens now.", LATER, retry 5;
    // Backends of apps. The codes and the characters of the messages are those of RFC 6749 section 5.2.
    InvalidClient = "invalid_client" UNAUTHORIZED
        "The client is unknown, or its credential is wrong.", BACKEND;
    SeveralCredentials = "invalid_request" BAD_REQUEST
        "The client must authenticate in one way alone, with one id.", BACKEND;
    BadAssertionType = "invalid_request" BAD_REQUEST
        "client_assertion_type must be urn:ietf:params:oauth:client-assertion-type:jwt-bearer.", BACKEND;
    BadBackendForm = "invalid_request" BAD_REQUEST
        "Send the parameters as a form in the body: application/x-www-form-urlencoded, no query.",
        BACKEND;
    MissingParameter = "invalid_request" BAD_REQUEST
        "The parameter {name} is missing.", BACKEND;
    UnsupportedGrantType = "unsupported_grant_type" BAD_REQUEST
        "grant_type must be urn:ietf:params:oauth:grant-type:token-exchange.", BACKEND;
    BadTokenType = "invalid_request" BAD_REQUEST
        "A session JWT (token-type:access_token or token-type:jwt) is traded for a \
         token-type:access_token alone.", BACKEND;
    ActorToken = "invalid_request" BAD_REQUEST
        "No actor_token is taken: the client itself acts for the person.", BACKEND;
    BadSubjectToken = "invalid_request" BAD_REQUEST
        "The subject_token is no valid session JWT for this client: it has expired, is for another \
         app, or its session has ended.", BACKEND;
    NoSuchAccount = "invalid_request" BAD_REQUEST
        "The session has no account that fits.", BACKEND;
    SeveralAccounts = "invalid_request" BAD_REQUEST
        "The session has several accounts that fit: name one in the parameter account.", BACKEND;
    UnauthorizedClient = "unauthorized_client" BAD_REQUEST
        "The client may not ask for tokens: it has no [[apps.exchange]] in portico.toml.", BACKEND;
    NoTarget = "invalid_request" BAD_REQUEST
        "The parameter resource is missing: name the API that is to take the token.", BACKEND;
    InvalidTarget = "invalid_target" BAD_REQUEST
        "The client may not ask for a token for this resource and tenant, or named several.", BACKEND;
    FixedTarget = "invalid_target" BAD_REQUEST
        "The cloud issues tokens for its own API alone, in the tenant that was signed in to.", BACKEND;
    InvalidScope = "invalid_scope" BAD_REQUEST
        "The client may not ask for these scopes, or the cloud cannot issue a token with fewer.",
        BACKEND;
    PersonNeeded = "interaction_required" BAD_REQUEST
        "The cloud wants the person to sign in again: send their browser to repair_uri.", BACKEND;
    ExchangeRefused = "invalid_target" BAD_REQUEST
        "The cloud refuses to issue such a token: the log of Portico says why.", BACKEND;
    TooManyAssertions = "overloaded" SERVICE_UNAVAILABLE
        "The client has used too many assertions within a few minutes.", BACKEND, retry 60;
    BackendProviderAway = "provider_away" SERVICE_UNAVAILABLE
        "The cloud cannot be reached now.", LATER, retry 5;
    // Limits
    TooManyLogins = "too_many_logins" TOO_MANY_REQUESTS
        "Too many sign-ins from your network came to nothing.", LATER, retry 60;
    TooManyResponses = "too_many_answers" TOO_MANY_REQUESTS
        "You are reading too many long answers at once: read those first.", LATER, retry 1;
    TooManyStreams = "too_many_streams" TOO_MANY_REQUESTS
        "You have too many pages open that wait for events.", "Close some of them.", retry 60;
    LoginsOverloaded = "overloaded" SERVICE_UNAVAILABLE
        "Too many people are signing in at once.", LATER, retry 1;
    ListingsOverloaded = "overloaded" SERVICE_UNAVAILABLE
        "Too many lists are being made at once, or the last one of this account failed a moment ago.",
        LATER, retry 30;
    ResponsesOverloaded = "overloaded" SERVICE_UNAVAILABLE
        "Too many long answers are being read at once.", LATER, retry 1;
    StreamsOverloaded = "overloaded" SERVICE_UNAVAILABLE
        "Too many pages wait for events at once.", LATER, retry 60;
    Full = "full" SERVICE_UNAVAILABLE
        "Too many people are connected at once, or too many from your network.", LATER, retry 1;
    // Portico itself
    Busy = "busy" SERVICE_UNAVAILABLE
        "Your session was changed from elsewhere at the same time.", SIGN_IN_AGAIN, retry 1;
    StoreUnavailable = "store_unavailable" SERVICE_UNAVAILABLE
        "Portico cannot keep or read sessions now.", LATER, retry 5;
    Internal = "internal" INTERNAL_SERVER_ERROR
        "Portico made an answer that cannot be sent.", OPERATOR;
}

impl ErrorCode {
    /// Why somebody may not use an app.
    pub(crate) fn of_denied(denied: &AccessDenied) -> Self {
        match denied {
            AccessDenied::ClaimOmitted { .. } => Self::AppClaimUnknown,
            AccessDenied::Provider | AccessDenied::Tenant | AccessDenied::Claim { .. } => {
                Self::AppNotAllowed
            }
        }
    }

    /// The stable code for programs.
    pub(crate) fn code(self) -> &'static str {
        self.row().code
    }

    pub(crate) fn status(self) -> StatusCode {
        self.row().status
    }

    /// Why the session ended, for programs; `None` if it is about no session, or the reason is another.
    pub(crate) fn reason(self) -> Option<&'static str> {
        match self {
            Self::SessionExpired => Some("expired"),
            Self::SignedOut => Some("signed_out"),
            Self::SessionEndedElsewhere
            | Self::SessionEndedAtProvider
            | Self::SignedOutEverywhere
            | Self::SessionCrowdedOut => Some("ended_elsewhere"),
            _ => None,
        }
    }

    /// The `error` of an authorization response (RFC 6749 section 4.1.2.1, OpenID Connect Core section
    /// 3.1.2.6), for the app that a failed login redirects to.
    pub(crate) fn authorization_error(self) -> &'static str {
        match self.status() {
            // The provider refused Portico, not the person.
            _ if self == Self::RegistrationRefused => "server_error",
            StatusCode::UNAUTHORIZED => "login_required",
            StatusCode::FORBIDDEN => "access_denied",
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
                "temporarily_unavailable"
            }
            _ => "server_error",
        }
    }

    /// The `error` of a token response (RFC 6749 section 5.2). For server errors that section defines no
    /// code; servers use those of section 4.1.2.1.
    pub(crate) fn token_error(self) -> &'static str {
        match self.status() {
            _ if OAUTH.contains(&self.code()) => self.code(),
            _ if self == Self::LogoutUndone => "temporarily_unavailable",
            StatusCode::UNAUTHORIZED => "invalid_client",
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
                "temporarily_unavailable"
            }
            status if status.is_server_error() => "server_error",
            _ => "invalid_request",
        }
    }
}

#[cfg(test)]
mod tests;

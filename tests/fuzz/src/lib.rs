//! Fuzz targets: every reader of external input in Portico, as a function of arbitrary bytes.
//!
//! Each target calls one reader and asserts the invariants of accepted input; a panic is a finding.
//! libFuzzer runs them from the project in `fuzz/` (`make fuzz`); `tests/replay.rs` runs every input
//! of `corpus/` with the other tests.
#![allow(clippy::unwrap_used, reason = "a target fails by panicking")]

mod azure;
mod backends;
mod browser;
mod claims;
mod echo;
mod identity_provider;
mod keys;
mod logout;
mod permissions;
#[cfg(feature = "program")]
mod program;
mod return_to;
mod store;

#[cfg(feature = "program")]
pub use self::program::{component, component_answer, configuration, providers_lock};
pub use self::{
    azure::{azure_claims, azure_listing, azure_tenants, claims_challenge},
    backends::{client_assertion, exchange_request, forwarded_request},
    browser::{callback, cookies, login_request},
    claims::id_token_claims,
    echo::{token_echo, unique_members},
    identity_provider::{
        client_credential, discovery_document, pushed_request_reply, retry_after, token_reply,
    },
    keys::{id_token, key_set},
    logout::logout_token,
    permissions::permissions,
    return_to::return_to,
    store::{session_row, store_record},
};

/// A fuzz target: takes arbitrary bytes, panics on a finding.
pub type Target = fn(&[u8]);

/// Every target with its name, which is also that of its corpus and of its program in `fuzz/`.
pub const TARGETS: &[(&str, Target)] = &[
    ("azure_claims", azure_claims),
    ("azure_listing", azure_listing),
    ("azure_tenants", azure_tenants),
    ("callback", callback),
    ("claims_challenge", claims_challenge),
    ("client_assertion", client_assertion),
    ("client_credential", client_credential),
    #[cfg(feature = "program")]
    ("component", component),
    #[cfg(feature = "program")]
    ("component_answer", component_answer),
    #[cfg(feature = "program")]
    ("configuration", configuration),
    ("cookies", cookies),
    ("discovery_document", discovery_document),
    ("exchange_request", exchange_request),
    ("forwarded_request", forwarded_request),
    ("permissions", permissions),
    ("id_token", id_token),
    ("id_token_claims", id_token_claims),
    ("key_set", key_set),
    ("login_request", login_request),
    ("logout_token", logout_token),
    #[cfg(feature = "program")]
    ("providers_lock", providers_lock),
    ("pushed_request_reply", pushed_request_reply),
    ("retry_after", retry_after),
    ("return_to", return_to),
    ("session_row", session_row),
    ("store_record", store_record),
    ("token_echo", token_echo),
    ("token_reply", token_reply),
    ("unique_members", unique_members),
];

/// The input as UTF-8.
fn text(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}

/// The first line of the input, and the rest.
fn first_line(data: &[u8]) -> (&[u8], &[u8]) {
    match data.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&data[..end], &data[end + 1..]),
        None => (data, &[]),
    }
}

//! OpenID Connect and OAuth 2.0 client, and the client of the clouds' APIs, over one HTTP client.
//!
//! [`OpenIdProvider`] implements the domain's port `IdentityProvider`, [`CloudFetcher`] its port
//! `CloudApi`; both send through an [`HttpClient`]. Who may sign in and which request gets which
//! token is decided by the domain.

mod address;
mod advice;
mod algorithms;
mod application_tokens;
mod authorization_request;
mod client;
mod discovery;
mod document;
mod endpoints;
mod fetcher;
mod guard;
mod headers;
mod http_client;
mod id_token;
mod issuer;
mod keys;
mod names;
mod provider;
mod proxy;
mod pushed_request;
mod retry;
mod shared;
mod tls;
mod token_endpoint;
mod transport;
mod url_text;

#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use self::{
    advice::IssuerSettings,
    client::{InvalidCredential, ReadCredential, check_credential},
    fetcher::CloudFetcher,
    http_client::{HttpClient, HttpClientError},
    names::{InvalidNameServer, NameServers},
    provider::OpenIdProvider,
    proxy::{InvalidProxy, Proxies},
    tls::TlsError,
};

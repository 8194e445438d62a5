//! Sign-in with OpenID and OAuth providers, their tokens, and the clouds' APIs, over one HTTP
//! client.
//!
//! [`OpenIdProvider`] is the domain's port `IdentityProvider`, [`CloudFetcher`] its port
//! `CloudApi`; both speak through an [`HttpClient`]. What a cloud is, who may sign in and what is
//! done with a token stay with the domain.

mod address;
mod advice;
mod application_tokens;
mod authorization_request;
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
mod retry;
mod shared;
mod tls;
mod token_endpoint;
mod transport;

#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use self::{
    advice::IssuerSettings,
    fetcher::CloudFetcher,
    http_client::{HttpClient, HttpClientError},
    names::{InvalidNameServer, NameServers},
    provider::OpenIdProvider,
    proxy::{InvalidProxy, Proxies},
    tls::TlsError,
};

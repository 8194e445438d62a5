//! The clouds other than Azure: shared behaviour, then each cloud's own.

mod aws;
mod digitalocean;
mod faults;
mod github;
mod gitlab;
mod google;
mod heroku;
mod oidc;
mod openid_faults;
mod refresh;
mod sign_in;
pub(crate) mod support;

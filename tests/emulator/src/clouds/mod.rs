//! Clouds other than Azure. Each has its own path on every listener, one registered application, and the protocol that
//! its vendor documents.
//!
//! | Cloud | Path | Identity | Listing |
//! |---|---|---|---|
//! | Google Cloud | `/google` | ID token | `/v3/projects:search`, three a page |
//! | AWS IAM Identity Center | `/aws` | none | `/assignment/accounts`, three a page |
//! | GitHub | `/github` | `/api/user` | `/api/user/orgs`, two a page |
//! | DigitalOcean | `/digitalocean` | `/v2/account` | `/v2/projects`, two a page |
//! | Any OpenID provider | `/oidc` | ID token | `/api/environments`, two a page |
//! | GitLab | `/gitlab` | ID token | `/api/v4/groups`, two a page |
//! | Heroku | `/heroku` | `/account` | `/teams`, two a page |
//!
//! Shared code is in `authorize`, `exchange` and `call`, in the order of a sign-in; each cloud's own code is in the
//! module with its name. To add a cloud: a variant of [`Cloud`] with its client and endpoints, an
//! account in [`crate::personas`], and a module with its `PROFILE` and `routes`.

mod authorize;
mod aws;
mod call;
mod digitalocean;
mod exchange;
mod github;
mod gitlab;
mod google;
mod heroku;
mod links;
mod oidc;
mod openid;
mod plugin;
mod profile;
mod token_error;

use axum::routing::get;
use axum::{Extension, Router};

use crate::cloud::Cloud;
use crate::state::SharedState;

/// The routes of every cloud.
pub(crate) fn routes() -> Router<SharedState> {
    Cloud::ALL.into_iter().fold(Router::new(), |router, cloud| {
        router.nest(&format!("/{}", cloud.name()), routes_of(cloud))
    })
}

fn routes_of(cloud: Cloud) -> Router<SharedState> {
    let own = match cloud {
        Cloud::Google => google::routes(),
        Cloud::Aws => aws::routes(),
        Cloud::GitHub => github::routes(),
        Cloud::DigitalOcean => digitalocean::routes(),
        Cloud::Oidc => oidc::routes(),
        Cloud::GitLab => gitlab::routes(),
        Cloud::Heroku => heroku::routes(),
    };
    let authorize = get(authorize::get).post(authorize::post);
    let mut router = own.route(cloud.endpoints().authorize, authorize);
    if let Some(keys) = cloud.endpoints().keys {
        router = router.route(keys, get(openid::keys));
    }
    router.layer(Extension(cloud))
}

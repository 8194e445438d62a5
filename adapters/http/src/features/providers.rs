//! The list of providers.

use std::sync::Arc;

use portico_domain::provider::{Providers, Registration};
use serde::Serialize;
use warp::reply::Response;

use crate::{
    response::{Rendering, json},
    routing::{Access, GET, NO_BODY, Route},
};

/// Dependencies of the feature.
pub(crate) struct ProviderList {
    pub(super) providers: Providers,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProviderView<'a> {
    account_noun: &'a str,
    id: &'a str,
    login: String,
    name: &'a str,
    /// `false` if it can only be connected to a session.
    signs_in: bool,
}

impl ProviderList {
    pub(super) const ROUTES: &[Route<Self>] = &[Route {
        name: "providers",
        methods: GET,
        path: "/api/providers",
        body_limit: NO_BODY,
        rendering: Rendering::Json,
        access: Access::Scripts,
        handler: |list, _| Box::pin(async move { Ok(list.list()) }),
    }];

    fn list(&self) -> Response {
        let offered = self.providers.all();
        json(&offered.iter().map(|it| view(it)).collect::<Vec<_>>())
    }
}

fn view(provider: &Arc<Registration>) -> ProviderView<'_> {
    let descriptor = provider.cloud.descriptor();
    ProviderView {
        account_noun: &descriptor.account_noun,
        id: descriptor.id.as_str(),
        login: format!("/api/login/{}", descriptor.id),
        name: &descriptor.name,
        signs_in: descriptor.people.is_some(),
    }
}

//! Forward authentication, with the test as the proxy in front of protected apps.
//!
//! * `pages.rs`: a page of an app leads through sign-in and back;
//! * `calls.rs`: what is answered to calls, in the form of each family of proxies;
//! * `keys.rs`: session JWTs and the keys that sign them;
//! * `refusals.rs`: cookies, codes and headers of somebody else.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod calls;
mod keys;
mod pages;
mod refusals;

use std::fs;

use portico_e2e::{
    AppHost as Host, AppWorld as World, Browser, PAGE, Response, app_table as app, hint, personas,
};
use reqwest::{Method, StatusCode};
use url::Url;

/// Two protected apps.
const COSTS: &str = "https://costs.example";
const INVENTORY: &str = "http://127.0.0.1:8081";

/// Signs a persona in at Portico.
async fn signed_in(world: &World, user_name: &str) -> Browser {
    let mut person = Browser::default();
    person.sign_in(world.base(), user_name).await;
    person
}

async fn zofia(world: &World) -> Browser {
    signed_in(world, personas::ZOFIA.user_name).await
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let value = response.headers.get(name);
    value.unwrap_or_else(|| panic!("no {name}: {response:?}")).to_str().unwrap()
}

/// A Portico with [`COSTS`] and [`INVENTORY`].
async fn two_apps() -> World {
    World::with(&format!("{}{}", app("costs", COSTS, ""), app("inventory", INVENTORY, ""))).await
}

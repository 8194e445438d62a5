//! The sign-in suite with the built-in Azure provider.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod sign_in;

use portico_e2e::World;

async fn world(variables: &[(&str, &str)]) -> World {
    portico_e2e::world(variables).await
}

//! The sign-in suite with Azure as a component, and a comparison of its requests with those of the
//! built-in provider.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod sign_in;

use portico_e2e::{Browser, World, personas, world_with_plugins};
use rstest::rstest;

async fn world(variables: &[(&str, &str)]) -> World {
    world_with_plugins(&["azure"], variables).await
}

/// Parameters with random values.
const RANDOM: [&str; 5] = ["state", "nonce", "code_challenge", "code", "code_verifier"];

/// The requests that the clouds receive during a login and logout, with random values, tokens and ports
/// masked.
async fn requests(world: &World) -> Vec<String> {
    let (base, mut browser) = (&world.portico.base, Browser::default());
    // Drops the requests of the provider checks at start.
    world.emulator.clear_requests();
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    browser.post(&format!("{base}/api/logout"), base).await;
    let clouds = world.emulator.http_url().port().unwrap().to_string();
    let portico = base.rsplit(':').next().unwrap();
    let entries = world.emulator.requests().into_iter();
    let requests = entries.map(|entry| {
        let head = |(name, value): &(String, String)| match name.as_str() {
            "authorization" => format!("{name}: {} *\n", value.split(' ').next().unwrap()),
            _ => format!("{name}: {value}\n"),
        };
        let headers: String = entry.headers.iter().map(head).collect();
        let (target, body) = (masked(&entry.target), masked(&entry.body));
        format!("{} {target}\n{headers}\n{body}", entry.method)
    });
    requests.map(|text| text.replace(&clouds, "{clouds}").replace(portico, "{portico}")).collect()
}

/// Replaces the values of [`RANDOM`] parameters: `code=abc&x=1` becomes `code=*&x=1`.
fn masked(text: &str) -> String {
    let (path, pairs) = text.rsplit_once('?').map_or(("", text), |(path, query)| (path, query));
    let masked = pairs.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if RANDOM.contains(&name) => format!("{name}=*"),
        _ => pair.to_owned(),
    });
    format!("{path}?{}", masked.collect::<Vec<_>>().join("&"))
}

#[rstest]
#[case::with_application_token(&[])]
#[case::with_user_token(&[("AZURE_SUBSCRIPTIONS_AS", "user")])]
#[tokio::test]
async fn azure_component_sends_same_requests_as_built_in(#[case] variables: &[(&str, &str)]) {
    let mut built_in = requests(&portico_e2e::world(variables).await).await;
    let mut component = requests(&world(variables).await).await;
    assert!(built_in.len() >= 7, "{built_in:#?}");
    assert!(built_in.iter().any(|request| request.contains("code_verifier=*")));
    // The tenants and the subscriptions are requested at the same time, and arrive in any order.
    built_in.sort();
    component.sort();
    assert_eq!(built_in, component);
}

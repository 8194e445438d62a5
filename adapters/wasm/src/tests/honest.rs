//! An honest guest, and that nothing of one call is there in the next.

use portico_domain::{
    identity::Claims,
    ports::CloudProvider,
    provider::{Endpoints, Method, People, Problem, Settings, Step},
};

use super::{configured, identified, listed, loaded, loaded_in, provider};
use crate::{Sandbox, pool::LIVE, testing::Guest};

#[tokio::test]
async fn a_plug_in_signs_in_identifies_and_lists_as_a_linked_provider_does() {
    let provider = provider(&Guest::honest("honest").build()).await;
    let descriptor = provider.descriptor();
    assert_eq!(descriptor.id.as_str(), "honest");
    assert_eq!(descriptor.grants[0].hosts, ["127.0.0.1:4000/contoso"]);
    assert_eq!(descriptor.grants[0].methods, [Method::Get]);
    assert_eq!(descriptor.people, Some(People::At { subject: "/sub".into(), tenant: None }));

    let sign_in = provider.sign_in(None).await.unwrap();
    assert_eq!(sign_in.endpoints, Endpoints::OpenId(super::ISSUER.parse().unwrap()));
    assert_eq!(sign_in.scopes, ["openid", "profile"]);

    let identity = identified(&provider).await.unwrap();
    assert_eq!((identity.subject.as_str(), identity.tenant.as_str()), ("zofia", "127.0.0.1"));
    assert_eq!(identity.display_name, "Zofia Nowak");
    let claims = Claims::parse(super::CLAIMS).unwrap();
    assert!(descriptor.people.as_ref().unwrap().vouch(&claims, super::ISSUER, &identity));

    let Step::Done(listing) = listed(&provider).await.unwrap() else { panic!("it is done") };
    assert_eq!(listing.subscriptions.len(), 1);
    assert_eq!(listing.subscriptions[0].display_name, "One");
    assert_eq!(listing.warnings, ["Two: Ask for access.", "one is old"]);
}

#[tokio::test]
async fn settings_are_held_against_what_the_plug_in_asks_for() {
    let plugin = loaded(&Guest::honest("honest").build()).await.unwrap();
    let missing = plugin.configure(Settings::default()).await.err();
    assert!(matches!(missing, Some(Problem::Setting { key, .. }) if key == "issuer"));
    assert!(configured(&plugin).await.is_ok());
}

#[tokio::test]
async fn what_a_guest_says_it_cannot_do_is_its_problem_and_breaks_no_rule() {
    let mut guest = Guest::honest("honest");
    guest.next = guest.answer(crate::testing::refused);
    let provider = provider(&guest.build()).await;
    let refused = Problem::Refused { code: "denied".into(), help: "Ask for access.".into() };
    assert_eq!(listed(&provider).await, Err(refused));
}

#[tokio::test]
async fn every_call_has_an_instance_of_its_own() {
    let mut guest = Guest::honest("counts");
    // It traps in the second call that it can remember.
    let honest = guest.identify;
    guest.identify = format!(
        "(if (global.get $calls) (then unreachable))
         (global.set $calls (i32.const 1)) {honest}"
    );
    let provider = provider(&guest.build()).await;
    for _ in 0..3 {
        assert!(identified(&provider).await.is_ok());
    }
}

#[tokio::test]
async fn a_listing_that_failed_does_not_go_on() {
    let mut guest = Guest::honest("traps");
    guest.next = "unreachable".into();
    let provider = provider(&guest.build()).await;
    let identity = identified(&provider).await.unwrap();
    let mut run = provider.discover(&identity).await.unwrap();
    let trapped = Problem::Broken("it trapped: unreachable".into());
    assert_eq!(run.next(vec![]).await, Err(trapped));
    assert!(matches!(run.next(vec![]).await, Err(Problem::Broken(why)) if why.contains("failed")));
}

#[tokio::test]
async fn as_many_live_at_once_as_there_is_room_for_and_who_comes_beyond_may_come_again() {
    // Memory is not what they lack.
    let sandbox = Sandbox::with_memory(64 << 30).unwrap();
    let crowd = loaded_in(&sandbox, &Guest::honest("crowd").build()).await.unwrap();
    let provider = configured(&crowd).await.unwrap();
    let identity = identified(&provider).await.unwrap();
    let mut listings = Vec::new();
    for _ in 0..LIVE[0] {
        listings.push(provider.discover(&identity).await.unwrap());
    }
    assert_eq!(provider.discover(&identity).await.err(), Some(Problem::Overloaded));
    assert_eq!(identified(&provider).await, Err(Problem::Overloaded));
    listings.pop();
    // What ended is given back on another thread.
    let again = loop {
        match identified(&provider).await {
            Err(Problem::Overloaded) => tokio::task::yield_now().await,
            answer => break answer,
        }
    };
    assert_eq!(again, Ok(identity));
}

//! An honest guest, and that nothing of one call is there in the next.

use std::time::Duration;

use portico_domain::{
    account::{Mender, Repair, TenantState},
    identity::Claims,
    ports::CloudProvider,
    provider::{CallError, EndpointTemplates, FieldKind, Method, ProviderError, Settings, Step},
};

use super::{ISSUER, ZOFIA, configured, listed, listing_of, loaded, loaded_in, provider};
use crate::{
    Sandbox,
    bindings::wire,
    pool::LIVE,
    testing::{Guest, honest},
};

#[tokio::test]
async fn a_plug_in_declares_how_people_sign_in_and_lists_as_a_linked_provider_does() {
    let provider = provider(&Guest::honest("honest").build()).await;
    let descriptor = provider.descriptor();
    assert_eq!(descriptor.id.as_str(), "honest");
    assert_eq!(descriptor.permissions[0].hosts, ["127.0.0.1:4000/contoso"]);
    assert_eq!(descriptor.permissions[0].methods, [Method::Get]);
    let people = descriptor.people.as_ref().unwrap();
    assert_eq!((people.subject.as_str(), people.tenant.as_deref()), ("/sub", None));
    assert_eq!(people.username, ["/preferred_username", "/email"]);
    let sign_in = &descriptor.sign_in;
    assert_eq!(sign_in.endpoints, EndpointTemplates::OpenId("{issuer}".into()));
    assert_eq!(sign_in.scopes, ["openid", "profile"]);

    let Step::Done(listing) = listed(&provider).await.unwrap() else { panic!("it is done") };
    assert_eq!(listing.subscriptions.len(), 1);
    assert_eq!(listing.subscriptions[0].display_name, "One");
    assert_eq!(listing.warnings, ["Two: Ask for access.", "one is old"]);
    let tenant = &listing.tenants[0];
    assert_eq!((tenant.id.as_str(), tenant.state), ("two", TenantState::Blocked));
    assert_eq!(tenant.mender, Some(Mender::Administrator));
    assert_eq!(tenant.repair, Some(Repair::Claims("{}".into())));
}

#[tokio::test]
async fn every_part_of_a_descriptor_comes_through() {
    let mut guest = Guest::honest("whole");
    let it = &mut guest.descriptor;
    it.settings.push(honest::setting("api-key", wire::FieldKind::Secret));
    it.sign_in.endpoints = wire::Endpoints::Plain(honest::plain());
    it.sign_in.scope_separator = wire::ScopeSeparator::Comma;
    it.sign_in.token_encoding = wire::TokenEncoding::JsonSnakeCase;
    it.sign_in.token_reply = vec!["instance_url".into()];
    it.sign_in.user_records = vec![honest::user_record(None), honest::user_record(Some("more"))];
    let permission = &mut it.permissions[0];
    permission.placement = wire::Placement::Prefix("token".into());
    permission.request_headers = vec!["Notion-Version".into()];
    permission.reply_headers = vec!["X-Total".into()];
    permission.secret_headers = vec![wire::SecretHeader {
        setting: "api-key".into(),
        header: "x-api-key".into(),
        prefix: "Key ".into(),
    }];
    it.capabilities = vec![wire::Capability {
        name: "storage".into(),
        kind: "token".into(),
        why: "To read files.".into(),
        extra: vec![("resource".into(), "storage".into())],
    }];
    let expected = crate::convert::descriptor(it.clone(), false).unwrap();
    assert_eq!(expected.settings[1].kind, FieldKind::Secret);
    assert_eq!(expected.permissions[0].request_headers, ["notion-version"]);
    assert_eq!(loaded(&guest.build()).await.unwrap().descriptor(), &expected);
}

#[tokio::test]
async fn a_guest_of_this_interface_is_not_asked_who_signed_in_or_how() {
    let plugin = loaded(&Guest::honest("honest").build()).await.unwrap();
    assert!(!plugin.is_v1());
    let declared = plugin.declare(Settings::from_iter([("issuer", ISSUER)])).await.unwrap();
    assert_eq!(&declared, plugin.descriptor());
    let provider = configured(&plugin).await.unwrap();
    assert_eq!(provider.identify(None, &Claims::parse("{}").unwrap()).await, Ok(None));
}

#[tokio::test]
async fn settings_are_held_against_what_the_plug_in_asks_for() {
    let plugin = loaded(&Guest::honest("honest").build()).await.unwrap();
    let missing = plugin.configure(Settings::default()).await.err();
    assert!(
        matches!(missing, Some(CallError::Provider(ProviderError::Setting { key, .. })) if key == "issuer")
    );
    assert!(configured(&plugin).await.is_ok());
}

#[tokio::test]
async fn a_guest_is_told_no_secret_and_nothing_that_it_did_not_ask_for() {
    let mut guest = Guest::honest("curious");
    guest.descriptor.settings.push(honest::setting("api-key", wire::FieldKind::Secret));
    // It traps where it is told more than one setting.
    guest.create =
        format!("(if (i32.ne (local.get 1) (i32.const 1)) (then unreachable)) {}", guest.create);
    let plugin = loaded(&guest.build()).await.unwrap();
    let said = [("issuer", ISSUER), ("api-key", "hunter2"), ("client-secret", "hunter3")];
    plugin.configure(Settings::from_iter(said)).await.unwrap();
}

#[tokio::test]
async fn a_wait_comes_with_the_requests() {
    let mut guest = Guest::honest("waits");
    guest.next = guest.answer(|heap| crate::testing::fetch(heap, vec![], 7));
    let provider = provider(&guest.build()).await;
    let step = Step::Fetch { requests: vec![], wait: Duration::from_secs(7) };
    assert_eq!(listed(&provider).await, Ok(step));
}

#[tokio::test]
async fn what_a_guest_says_it_cannot_do_is_its_problem_and_breaks_no_rule() {
    let mut guest = Guest::honest("honest");
    guest.next = guest.answer(crate::testing::refused);
    let provider = provider(&guest.build()).await;
    let refused = ProviderError::Refused { code: "denied".into(), help: "Ask for access.".into() };
    assert_eq!(listed(&provider).await, Err(refused.into()));
}

#[tokio::test]
async fn every_listing_has_an_instance_of_its_own() {
    let mut guest = Guest::honest("counts");
    // It traps in the second call that it can remember.
    let honest = guest.next;
    guest.next = format!(
        "(if (global.get $calls) (then unreachable))
         (global.set $calls (i32.const 1)) {honest}"
    );
    let provider = provider(&guest.build()).await;
    for _ in 0..3 {
        assert!(listed(&provider).await.is_ok());
    }
}

#[tokio::test]
async fn a_listing_that_failed_does_not_go_on() {
    let mut guest = Guest::honest("traps");
    guest.next = "unreachable".into();
    let provider = provider(&guest.build()).await;
    let mut run = provider.list(&listing_of(ZOFIA)).await.unwrap();
    let trapped = run.next(vec![]).await.unwrap_err().to_string();
    assert!(trapped.contains("it trapped: unreachable, in its function next"), "{trapped}");
    assert!(
        matches!(run.next(vec![]).await, Err(CallError::Broken(why)) if why.contains("failed"))
    );
}

#[tokio::test]
async fn as_many_live_at_once_as_there_is_room_for_and_who_comes_beyond_may_come_again() {
    // Memory is not what they lack.
    let sandbox = Sandbox::with_memory(64 << 30).unwrap();
    let crowd = loaded_in(&sandbox, &Guest::honest("crowd").build()).await.unwrap();
    let provider = configured(&crowd).await.unwrap();
    let person = listing_of(ZOFIA);
    let mut listings = Vec::new();
    for _ in 0..LIVE[0] {
        listings.push(provider.list(&person).await.unwrap());
    }
    assert_eq!(provider.list(&person).await.err(), Some(CallError::Overloaded));
    listings.pop();
    // What ended is given back on another thread.
    let again = loop {
        match provider.list(&person).await {
            Err(CallError::Overloaded) => tokio::task::yield_now().await,
            answer => break answer.err(),
        }
    };
    assert_eq!(again, None);
}

#[tokio::test]
async fn a_guest_that_panics_is_quoted_and_one_that_says_nothing_is_explained() {
    let message = "panicked at src/cloud.rs:41:9:\nindex out of bounds\u{1b}[2J";
    let grow = |byte: u8| format!("(drop (memory.grow (i32.const {})))", 0xF000 + u32::from(byte));
    let spoken: String = message.bytes().map(grow).collect();
    for (code, words) in [
        (
            format!("{spoken} unreachable"),
            "in its function next; it said: panicked at src/cloud.rs:41:9: index out of bounds[2J",
        ),
        ("unreachable".into(), "and said nothing: so does one that asks for a clock"),
        ("(drop (memory.grow (i32.const 0xF100))) unreachable".into(), "it needed more than"),
    ] {
        let mut guest = Guest::honest("panics");
        guest.next = code;
        let failed = listed(&provider(&guest.build()).await).await.unwrap_err().to_string();
        assert!(failed.contains(words), "{words}: {failed}");
    }
}

#[tokio::test]
async fn a_descriptor_that_could_not_be_made_says_why_and_nothing_else_of_it_is_read() {
    let sandbox = Sandbox::new().unwrap();
    for (what, words) in [
        ("descriptor: the descriptor has no field acountNoun", "has no field acountNoun"),
        ("a\u{1b}[2J\nb", "a[2Jb"),
    ] {
        let mut guest = Guest::honest("faulty");
        guest.descriptor.id = "NO ID".into();
        guest.descriptor.extra = vec![("portico-fault".into(), what.into())];
        let refused = loaded_in(&sandbox, &guest.build()).await.err().unwrap().to_string();
        assert!(refused.contains(words) && !refused.contains("lower-case"), "{refused}");
    }
}

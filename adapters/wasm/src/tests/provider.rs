//! An honest plug-in as a [`CloudProvider`].

use std::time::Duration;

use portico_domain::{
    account::{Mender, Repair, TenantState},
    identity::Claims,
    ports::CloudProvider,
    provider::{CallError, EndpointTemplates, FieldKind, Method, ProviderError, Settings, Step},
};

use rstest::rstest;

use super::{ISSUER, ZOFIA, configure, configured, first_step, load, load_in, person};
use crate::{
    bindings::wire,
    pool::MAX_LIVE_INSTANCES,
    sandbox::Sandbox,
    testing::{PluginBuilder, honest},
};

#[tokio::test]
async fn descriptor_and_listing_have_the_values_of_the_plugin() {
    let provider = configured(&PluginBuilder::honest("honest").build()).await;
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

    let Step::Done(listing) = first_step(&provider).await.unwrap() else { panic!("it is done") };
    assert_eq!(listing.subscriptions.len(), 1);
    assert_eq!(listing.subscriptions[0].display_name, "One");
    assert_eq!(listing.warnings, ["one is old"]);
    let tenant = &listing.tenants[0];
    assert_eq!(tenant.reason.as_deref(), Some("Ask for access."));
    assert_eq!((tenant.id.as_str(), tenant.state), ("two", TenantState::Blocked));
    assert_eq!(tenant.mender, Some(Mender::Administrator));
    assert_eq!(tenant.repair, Some(Repair::Claims("{}".into())));
}

#[tokio::test]
async fn descriptor_contains_every_field_of_the_plugin() {
    let mut plugin = PluginBuilder::honest("whole");
    let it = &mut plugin.descriptor;
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
    assert_eq!(load(&plugin.build()).await.unwrap().descriptor(), &expected);
}

#[tokio::test]
async fn declare_and_identify_need_no_call_of_an_interface_2_plugin() {
    let plugin = load(&PluginBuilder::honest("honest").build()).await.unwrap();
    assert!(!plugin.is_v1());
    let declared = plugin.declare(Settings::from_iter([("issuer", ISSUER)])).await.unwrap();
    assert_eq!(&declared, plugin.descriptor());
    let provider = configure(&plugin).await.unwrap();
    assert_eq!(provider.identify(None, &Claims::parse("{}").unwrap()).await, Ok(None));
}

#[tokio::test]
async fn configure_refuses_missing_required_setting() {
    let plugin = load(&PluginBuilder::honest("honest").build()).await.unwrap();
    let missing = plugin.configure(Settings::default()).await.err();
    assert!(
        matches!(missing, Some(CallError::Provider(ProviderError::Setting { key, .. })) if key == "issuer")
    );
    assert!(configure(&plugin).await.is_ok());
}

#[tokio::test]
async fn create_gets_no_secret_and_no_undeclared_setting() {
    let mut plugin = PluginBuilder::honest("curious");
    plugin.descriptor.settings.push(honest::setting("api-key", wire::FieldKind::Secret));
    // It traps if it gets more than one setting.
    plugin.create =
        format!("(if (i32.ne (local.get 1) (i32.const 1)) (then unreachable)) {}", plugin.create);
    let plugin = load(&plugin.build()).await.unwrap();
    let settings = [("issuer", ISSUER), ("api-key", "hunter2"), ("client-secret", "hunter3")];
    plugin.configure(Settings::from_iter(settings)).await.unwrap();
}

#[tokio::test]
async fn step_contains_the_wait_of_the_plugin() {
    let mut plugin = PluginBuilder::honest("waits");
    plugin.next = plugin.returning(|heap| crate::testing::fetch(heap, vec![], 7));
    let provider = configured(&plugin.build()).await;
    let step = Step::Fetch { requests: vec![], wait: Duration::from_secs(7) };
    assert_eq!(first_step(&provider).await, Ok(step));
}

#[tokio::test]
async fn next_returns_problem_of_the_plugin_as_provider_error() {
    let mut plugin = PluginBuilder::honest("honest");
    plugin.next = plugin.returning(crate::testing::refused);
    let provider = configured(&plugin.build()).await;
    let refused = ProviderError::Refused { code: "denied".into(), help: "Ask for access.".into() };
    assert_eq!(first_step(&provider).await, Err(refused.into()));
}

#[tokio::test]
async fn each_listing_has_its_own_instance() {
    let mut plugin = PluginBuilder::honest("counts");
    // It traps in the second call of `next` in one instance.
    let honest = plugin.next;
    plugin.next = format!(
        "(if (global.get $calls) (then unreachable))
         (global.set $calls (i32.const 1)) {honest}"
    );
    let provider = configured(&plugin.build()).await;
    for _ in 0..3 {
        assert!(first_step(&provider).await.is_ok());
    }
}

#[tokio::test]
async fn next_fails_after_a_failed_step() {
    let mut plugin = PluginBuilder::honest("traps");
    plugin.next = "unreachable".into();
    let provider = configured(&plugin.build()).await;
    let mut run = provider.list(&person(ZOFIA)).await.unwrap();
    let trapped = run.next(vec![]).await.unwrap_err().to_string();
    assert!(trapped.contains("it trapped: unreachable, in its function next"), "{trapped}");
    assert!(
        matches!(run.next(vec![]).await, Err(CallError::Broken(why)) if why.contains("failed"))
    );
}

#[tokio::test]
async fn list_is_overloaded_without_a_free_slot_until_a_listing_ends() {
    // Enough memory for all of them.
    let sandbox = Sandbox::with_memory(64 << 30).unwrap();
    let plugin = load_in(&sandbox, &PluginBuilder::honest("crowd").build()).await.unwrap();
    let provider = configure(&plugin).await.unwrap();
    let person = person(ZOFIA);
    let mut listings = Vec::new();
    for _ in 0..MAX_LIVE_INSTANCES[0] {
        listings.push(provider.list(&person).await.unwrap());
    }
    assert_eq!(provider.list(&person).await.err(), Some(CallError::Overloaded));
    listings.pop();
    // The slot is released on another thread.
    let error = loop {
        match provider.list(&person).await {
            Err(CallError::Overloaded) => tokio::task::yield_now().await,
            result => break result.err(),
        }
    };
    assert_eq!(error, None);
}

#[rstest]
#[case::message(
    format!("{} unreachable", grow_by_message("panicked at src/cloud.rs:41:9:\nindex\u{1b}[2J")),
    "in its function next; it said: panicked at src/cloud.rs:41:9: index[2J"
)]
#[case::no_message("unreachable".into(), "and said nothing: so does one that asks for a clock")]
#[case::growth_over_the_limit_that_is_no_message(
    "(drop (memory.grow (i32.const 0xF100))) unreachable".into(),
    "it needed more than"
)]
#[tokio::test]
async fn error_of_a_trap_contains_panic_message_or_hint(#[case] code: String, #[case] text: &str) {
    let mut plugin = PluginBuilder::honest("panics");
    plugin.next = code;
    let error = first_step(&configured(&plugin.build()).await).await.unwrap_err().to_string();
    assert!(error.contains(text), "{error}");
}

/// Requests the memory growths that stand for the bytes of a panic message.
fn grow_by_message(message: &str) -> String {
    let grow = |byte: u8| format!("(drop (memory.grow (i32.const {})))", 0xF000 + u32::from(byte));
    message.bytes().map(grow).collect()
}

#[rstest]
#[case::text("descriptor: the descriptor has no field acountNoun", "has no field acountNoun")]
#[case::control_characters("a\u{1b}[2J\nb", "a[2Jb")]
#[tokio::test]
async fn load_error_is_the_sdks_and_ignores_the_rest_of_the_descriptor(
    #[case] sdk_error: &str,
    #[case] text: &str,
) {
    let mut plugin = PluginBuilder::honest("faulty");
    plugin.descriptor.id = "NO ID".into();
    plugin.descriptor.extra = vec![("portico-fault".into(), sdk_error.into())];
    let error = load(&plugin.build()).await.err().unwrap().to_string();
    assert!(error.contains(text) && !error.contains("lower-case"), "{error}");
}

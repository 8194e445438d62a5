//! The observer of memories, which tests of other crates use.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use portico_domain::{ports::CloudProvider, provider::Person};

use super::{ZOFIA, configured, person};
use crate::testing::{PluginBuilder, observe_memories};

#[tokio::test]
async fn observer_gets_memory_of_each_dropped_instance_with_its_arguments() {
    let observed = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&observed);
    let needle = b"a name to look for";
    assert!(observe_memories(move |memory| {
        let found = memory.windows(needle.len()).any(|window| window == needle);
        count.fetch_add(usize::from(found), Ordering::SeqCst);
    }));
    let provider = configured(&PluginBuilder::honest("seen").build()).await;
    assert_eq!(observed.load(Ordering::SeqCst), 0);
    let person = Person {
        token_reply: vec![("instance_url".into(), "a name to look for".into())],
        ..person(ZOFIA)
    };
    drop(provider.list(&person).await.unwrap());
    // The instance is dropped on another thread.
    while observed.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(observed.load(Ordering::SeqCst), 1);
}

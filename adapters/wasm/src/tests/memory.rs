//! The look at guests' memories that other crates' tests take.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use portico_domain::{ports::CloudProvider, provider::Person};

use super::{ZOFIA, listing_of, provider};
use crate::testing::{Guest, observe_memories};

#[tokio::test]
async fn every_instances_memory_is_shown_when_it_ends_with_what_it_was_told() {
    let told = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&told);
    let needle = b"a name to look for";
    assert!(observe_memories(move |memory| {
        let found = memory.windows(needle.len()).any(|window| window == needle);
        count.fetch_add(usize::from(found), Ordering::SeqCst);
    }));
    let provider = provider(&Guest::honest("seen").build()).await;
    assert_eq!(told.load(Ordering::SeqCst), 0);
    let person = Person {
        token_reply: vec![("instance_url".into(), "a name to look for".into())],
        ..listing_of(ZOFIA)
    };
    drop(provider.list(&person).await.unwrap());
    // An instance goes on another thread.
    while told.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(told.load(Ordering::SeqCst), 1);
}

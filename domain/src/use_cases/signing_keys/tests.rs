use std::time::Duration;

use super::{SigningAlgorithm::*, *};
use crate::{
    signing::{PUBLISHED_AFTER, PUBLISHED_BEFORE, SIGNS_FOR},
    testing::{CountingEntropy, FakeClock, FakeSigner, FakeSigningKeys},
};

struct World {
    store: Arc<FakeSigningKeys>,
    clock: Arc<FakeClock>,
    entropy: Arc<CountingEntropy>,
}

impl World {
    fn new() -> Self {
        let (store, entropy) = (Arc::default(), Arc::default());
        Self { store, clock: Arc::new(FakeClock::at(1_000_000)), entropy }
    }

    /// A node over the store.
    fn node(&self) -> KeepSigningKeys {
        KeepSigningKeys::new(SigningPorts {
            store: self.store.clone(),
            signer: Arc::new(FakeSigner::default()),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
        })
    }
}

fn published(node: &KeepSigningKeys) -> Vec<String> {
    node.public_jwks().iter().map(|jwk| jwk["kid"].as_str().unwrap().to_owned()).collect()
}

fn signer(node: &KeepSigningKeys) -> String {
    node.signer(Es256).unwrap().public_jwk()["kid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn first_look_makes_one_key_that_every_node_uses() {
    let world = World::new();
    let (first, second) = (world.node(), world.node());
    assert!(matches!(first.signer(Es256), Err(SigningError::NoKey)));
    let (one, two) = tokio::join!(first.look(&[Es256]), second.look(&[Es256]));
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(published(&first), [signer(&first)]);
    assert_eq!((published(&second), signer(&second)), (published(&first), signer(&first)));
}

#[tokio::test]
async fn key_of_an_algorithm_is_made_when_it_is_asked_for() {
    let world = World::new();
    let node = world.node();
    node.look(&[Es256]).await.unwrap();
    assert!(matches!(node.signer(Rs256), Err(SigningError::NoKey)));
    node.look(&[Es256, Rs256]).await.unwrap();
    assert_eq!(node.signer(Rs256).unwrap().public_jwk()["alg"], "RS256");
    assert_eq!(published(&node).len(), 2);
}

#[tokio::test]
async fn successor_is_published_before_it_signs_and_the_former_is_removed_after() {
    let world = World::new();
    let (node, other) = (world.node(), world.node());
    node.look(&[Es256]).await.unwrap();
    let former = signer(&node);
    world.clock.advance(SIGNS_FOR);
    node.look(&[Es256]).await.unwrap();
    assert_eq!((published(&node).len(), signer(&node)), (2, former.clone()));
    // A node that has not looked since signs with what it has; one that looks knows both.
    other.look(&[Es256]).await.unwrap();
    assert_eq!(published(&other), published(&node));
    world.clock.advance(PUBLISHED_BEFORE);
    assert_ne!(signer(&node), former, "without a look");
    world.clock.advance(PUBLISHED_AFTER - Duration::from_secs(1));
    node.look(&[Es256]).await.unwrap();
    assert!(published(&node).contains(&former));
    world.clock.advance(Duration::from_secs(1));
    node.look(&[Es256]).await.unwrap();
    assert_eq!(published(&node), [signer(&node)]);
}

#[tokio::test]
async fn look_that_changes_nothing_writes_nothing() {
    let world = World::new();
    let node = world.node();
    node.look(&[Es256]).await.unwrap();
    let before = world.store.load().await.unwrap();
    node.look(&[Es256]).await.unwrap();
    assert_eq!(world.store.load().await.unwrap(), before);
}

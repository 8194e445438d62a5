//! The promises of [`portico_domain::ports::StoredSigningKeys`].

use portico_domain::{
    ports::Written,
    signing::{PrivateKey, SigningAlgorithm, SigningKey, SigningKeys},
};

use crate::{Subject, samples::NOW};

suite! { $ signing_keys: Subject
    load_returns_what_was_saved,
    save_is_refused_unless_the_version_is_that_of_the_stored_keys,
}

fn keys(id: &str) -> SigningKeys {
    let key = |id: &str, algorithm| SigningKey {
        id: id.into(),
        algorithm,
        created_at: NOW,
        private: PrivateKey::new(id.repeat(40).into_bytes()),
    };
    SigningKeys::new(vec![
        key(id, SigningAlgorithm::Es256),
        key(&format!("{id} too"), SigningAlgorithm::Rs256),
    ])
}

pub(crate) async fn load_returns_what_was_saved(subject: impl Subject) {
    let store = subject.ports().signing_keys;
    assert_eq!(store.load().await.unwrap(), None);
    assert_eq!(store.save(None, &keys("a")).await.unwrap(), Written::Done);
    let stored = store.load().await.unwrap().unwrap();
    assert_eq!(stored.value, keys("a"));
    assert_eq!(store.save(Some(stored.version), &keys("b")).await.unwrap(), Written::Done);
    assert_eq!(store.load().await.unwrap().unwrap().value, keys("b"));
}

pub(crate) async fn save_is_refused_unless_the_version_is_that_of_the_stored_keys(
    subject: impl Subject,
) {
    let store = subject.ports().signing_keys;
    assert_eq!(store.save(None, &keys("a")).await.unwrap(), Written::Done);
    let first = store.load().await.unwrap().unwrap().version;
    assert_eq!(store.save(None, &keys("b")).await.unwrap(), Written::Conflict);
    assert_eq!(store.save(Some(first), &keys("c")).await.unwrap(), Written::Done);
    assert_eq!(store.save(Some(first), &keys("d")).await.unwrap(), Written::Conflict);
    assert_eq!(store.load().await.unwrap().unwrap().value, keys("c"));
}

//! SHA-256 over several fields, so that no two different lists of fields give one digest.

use sha2::{Digest, Sha256};

/// Hashes `fields` under `label`, each with its length before it.
///
/// Without the lengths `("ab", "c")` and `("a", "bc")` would be one person.
pub(crate) fn of_fields(label: &str, fields: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for field in std::iter::once(&label).chain(fields) {
        hash.update((field.len() as u64).to_be_bytes());
        hash.update(field.as_bytes());
    }
    hash.finalize().into()
}

/// Hashes one byte string.
pub(crate) fn of_bytes(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_a_letter_from_one_field_to_the_next_changes_the_digest() {
        assert_ne!(of_fields("x", &["ab", "c"]), of_fields("x", &["a", "bc"]));
        assert_ne!(of_fields("x", &["ab"]), of_fields("xab", &[]));
    }
}

//! SHA-256 over lists of fields, without ambiguity between two lists.

use sha2::{Digest, Sha256};

/// Hashes `label` and `fields`, each preceded by its length.
///
/// Without the lengths `("ab", "c")` and `("a", "bc")` would have the same digest.
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
    fn of_fields_differs_when_a_letter_moves_between_fields() {
        assert_ne!(of_fields("x", &["ab", "c"]), of_fields("x", &["a", "bc"]));
        assert_ne!(of_fields("x", &["ab"]), of_fields("xab", &[]));
    }
}

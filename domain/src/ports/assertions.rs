//! Signatures of the assertions by which backends authenticate.

use serde_json::{Map, Value};

use crate::apps::ClientKey;

/// Verifies client assertions (RFC 7523).
pub trait AssertionVerifier: Send + Sync {
    /// The claims of this JWT, if one of the keys signed it. The claims themselves are not checked.
    ///
    /// An adapter MUST accept no other algorithm than that of the key, whatever the header says.
    fn verified(&self, assertion: &str, keys: &[ClientKey]) -> Option<Map<String, Value>>;
}

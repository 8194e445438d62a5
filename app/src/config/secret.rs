//! Secrets, whose values never appear in messages.

use super::text::has_invisible;

/// A secret on one line. Invisible characters are refused, because no message shows the value and so
/// nobody would find them.
pub(super) fn secret(text: &str) -> Result<&str, String> {
    match has_invisible(text) {
        true => Err("it contains a line break or another invisible character: write the secret \
                     alone, on one line"
            .into()),
        false => Ok(text),
    }
}

//! Secrets, which no message repeats.

use portico_domain::secret::ClientSecret;

use super::text::has_invisible;

/// A secret on one line. It is never repeated, so nobody could see what is wrong with it.
pub(super) fn secret(text: &str) -> Result<&str, String> {
    match has_invisible(text) {
        true => Err("it has a line break or another character that cannot be seen in its middle: \
                     write the secret alone, on one line"
            .into()),
        false => Ok(text),
    }
}

/// A client secret.
pub(super) fn client_secret(text: &str) -> Result<ClientSecret, String> {
    secret(text).map(ClientSecret::new)
}

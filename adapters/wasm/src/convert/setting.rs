//! The settings that a plug-in declares.

use portico_domain::provider::{FieldKind, SettingSpec};

use super::rules::{Checked, at_most, ensure, is_key, line, text};
use crate::bindings::wire;

/// Keys of the host's own settings, and of the tenant placeholder.
const RESERVED: [&str; 6] =
    ["client-id", "client-secret", "client-key-file", "allowed-tenants", "private-hosts", "tenant"];

/// Whether an operator would take the setting of this key for a secret: `api-key`, `oauth-token`. A
/// plug-in must not receive such a value.
fn looks_secret(key: &str) -> bool {
    const SECRET_WORDS: [&str; 10] = [
        "secret",
        "password",
        "passwd",
        "passphrase",
        "token",
        "credential",
        "apikey",
        "keys",
        "pin",
        "pat",
    ];
    const WORDS_BEFORE_KEY: [&str; 8] =
        ["api", "private", "access", "signing", "account", "service", "shared", "master"];
    let words: Vec<_> = key.split('-').collect();
    let is_secret = |word: &&str| {
        SECRET_WORDS.iter().any(|secret| word == secret || word.strip_suffix('s') == Some(secret))
    };
    words.iter().any(is_secret)
        || words.windows(2).any(|pair| WORDS_BEFORE_KEY.contains(&pair[0]) && pair[1] == "key")
}

pub(super) fn setting(it: wire::SettingSpec) -> Checked<SettingSpec> {
    let rule = "a setting's key is not 1 to 64 lower-case letters, digits or '-'";
    ensure(is_key(&it.key), rule)?;
    let is_reserved = RESERVED.contains(&it.key.as_str());
    ensure(!is_reserved, format_args!("its setting {} has a key of the host's", it.key))?;
    let is_open_secret = looks_secret(&it.key) && !matches!(it.kind, wire::FieldKind::Secret);
    let rule = "is spelled like a secret and is of another kind";
    ensure(!is_open_secret, format_args!("its setting {} {rule}", it.key))?;
    let kind = match it.kind {
        wire::FieldKind::Text => FieldKind::Text,
        wire::FieldKind::Url => FieldKind::Url,
        wire::FieldKind::Flag => FieldKind::Flag,
        wire::FieldKind::Secret => FieldKind::Secret,
        wire::FieldKind::Choice => FieldKind::Choice(choices(it.choices)?),
    };
    let has_known_secret = kind == FieldKind::Secret && it.default.is_some();
    ensure(!has_known_secret, format_args!("its secret setting {} has a default", it.key))?;
    Ok(SettingSpec {
        key: it.key,
        label: line(it.label, 128, "a setting's label")?,
        help: text(it.help, 2048, "a setting's help")?,
        kind,
        required: it.required,
        default: it.default.map(|value| text(value, 2048, "a setting's default")).transpose()?,
    })
}

fn choices(choices: Vec<String>) -> Checked<Vec<String>> {
    ensure(!choices.is_empty(), "a setting is a choice of nothing")?;
    at_most(&choices, 64, "choices of a setting")?;
    choices.into_iter().map(|choice| line(choice, 128, "a choice of a setting")).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    fn looks_secret_is_true_for_names_of_credentials(
        #[values("client-secret", "api-key", "oauth-token", "db-password", "keys", "x-tokens")]
        key: &str,
    ) {
        assert!(looks_secret(key));
    }

    #[rstest]
    fn looks_secret_is_false_for_other_names(
        #[values("region", "authority-host", "key-vault-url", "items-pointer", "keyspace")]
        key: &str,
    ) {
        assert!(!looks_secret(key));
    }
}

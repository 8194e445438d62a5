//! A plug-in whose cloud requires an API key in addition to the person's token.

use super::{PluginBuilder, honest, memory_hoarder::fetch_once};
use crate::bindings::wire;

/// The plug-in `keyed`: the host sends the secret setting `api-key` in the header `x-api-key`.
pub fn asks_with_an_api_key() -> Vec<u8> {
    let mut plugin = PluginBuilder::honest("keyed");
    plugin.descriptor.settings.push(honest::setting("api-key", wire::FieldKind::Secret));
    plugin.descriptor.permissions[0].secret_headers = vec![wire::SecretHeader {
        setting: "api-key".into(),
        header: "x-api-key".into(),
        prefix: "Key ".into(),
    }];
    plugin.create = "(call $remember (local.get 0)) (call $configure)".into();
    fetch_once(&mut plugin);
    plugin.build()
}

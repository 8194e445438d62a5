//! A plug-in whose cloud asks for an API key beside the token of whoever signed in.

use super::{HonestGuest, hoard::asks_once, honest};
use crate::bindings::wire;

/// The plug-in `keyed`: the host keeps its setting `api-key` and sends it in `x-api-key`.
pub fn asks_with_an_api_key() -> Vec<u8> {
    let mut guest = HonestGuest::honest("keyed");
    guest.descriptor.settings.push(honest::setting("api-key", wire::FieldKind::Secret));
    guest.descriptor.permissions[0].secret_headers = vec![wire::SecretHeader {
        setting: "api-key".into(),
        header: "x-api-key".into(),
        prefix: "Key ".into(),
    }];
    guest.create = "(call $remember (local.get 0)) (call $configure)".into();
    asks_once(&mut guest);
    guest.build()
}

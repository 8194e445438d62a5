//! The store of sessions and the sealing keys.

use std::{path::PathBuf, sync::Arc};

use portico_seal::KeyRing;

use super::{section::section, size::mebibytes};

section! {
    /// The store of sessions and the sealing keys.
    Store {
        choice: StoreChoice = store {
            open: "PORTICO_STORE", key: "store",
            default: "sled:./data/sessions",
            help: "`sled:DIR`, or `memory:`",
        }
        reserve: u64 = mebibytes {
            open: "PORTICO_STORE_RESERVE", key: "store_reserve",
            default: "64",
            help: "MiB that the embedded store leaves free on its disk: with less, logins are answered 503 and sessions remain",
        }
        keys: Option<Arc<KeyRing>> = keys {
            secret: "PORTICO_KEYS", key: "keys",
            optional: "created on first start, as `portico.keys` in the store's folder",
            help: "base64 of 32 bytes each, comma separated: the first encrypts, all decrypt. See below",
        }
    }
}

/// The kind of store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreChoice {
    /// An embedded sled database in this folder.
    Sled(PathBuf),
    /// Memory: sessions end with the process.
    Memory,
}

fn store(text: &str) -> Result<StoreChoice, String> {
    let hint = || "write sled:DIR with a folder, or memory: if sessions may end with the process";
    match text.split_once(':') {
        Some(("sled", folder)) if !folder.is_empty() => Ok(StoreChoice::Sled(folder.into())),
        Some(("memory", "")) => Ok(StoreChoice::Memory),
        _ => Err(hint().into()),
    }
}

/// Base64 of 32 bytes each, comma separated: the first seals, all open.
fn keys(text: &str) -> Result<Arc<KeyRing>, String> {
    KeyRing::parse(text).map(Arc::new).map_err(|error| error.to_string())
}

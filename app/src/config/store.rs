//! Where sessions are kept, and the keys that seal them.

use std::{path::PathBuf, sync::Arc};

use portico_seal::KeyRing;

use super::{section::section, size::mebibytes};

section! {
    /// Where sessions are kept, and the keys that seal them.
    Store {
        choice: StoreChoice = store {
            open: "PORTICO_STORE", key: "store",
            default: "sled:./data/sessions",
            help: "`sled:DIR`, or `memory:`",
        }
        reserve: u64 = mebibytes {
            open: "PORTICO_STORE_RESERVE", key: "store_reserve",
            default: "64",
            help: "MiB of its disk that the embedded store leaves free: below it nobody can sign in (503), and who is signed in stays so",
        }
        keys: Option<Arc<KeyRing>> = keys {
            secret: "PORTICO_KEYS", key: "keys",
            optional: "made on first start, as `portico.keys` in the store's folder",
            help: "base64 of 32 bytes each, comma separated: the first seals, all open. See below",
        }
    }
}

/// Where sessions are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreChoice {
    /// In an embedded sled database in this folder.
    Sled(PathBuf),
    /// In memory: gone with the process.
    Memory,
}

fn store(text: &str) -> Result<StoreChoice, String> {
    let mend = || "write sled:DIR with a folder, or memory: to lose sessions with the process";
    match text.split_once(':') {
        Some(("sled", folder)) if !folder.is_empty() => Ok(StoreChoice::Sled(folder.into())),
        Some(("memory", "")) => Ok(StoreChoice::Memory),
        _ => Err(mend().into()),
    }
}

/// Base64 of 32 bytes each, comma separated: the first seals, all open.
fn keys(text: &str) -> Result<Arc<KeyRing>, String> {
    KeyRing::parse(text).map(Arc::new).map_err(|error| error.to_string())
}

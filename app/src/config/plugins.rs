//! Where plug-ins are, and what they may take.

use std::path::PathBuf;

use super::{section::section, size::mebibytes};

section! {
    /// Where plug-ins are, and what they may take.
    Plugins {
        folder: PathBuf = path {
            open: "PORTICO_PROVIDERS", key: "providers_folder",
            default: "./providers.d",
            help: "the folder of plug-ins",
        }
        cache: Option<PathBuf> = path {
            open: "PORTICO_CACHE", key: "cache",
            optional: "`.compiled` in the folder of plug-ins",
            help: "a folder for compiled plug-ins, made where it is missing: for where Portico may not write beside them. `portico provider add` with the same setting and the same keys fills it, so that the first start is fast",
        }
        memory: Option<u64> = mebibytes {
            open: "PORTICO_PLUGIN_MEMORY", key: "plugin_memory",
            optional: "a quarter of the machine's (or of its control group's), at most 1024",
            help: "MiB that all running plug-ins may hold together, and one of them half of it; who finds none within 2 s gets 503",
        }
    }
}

fn path(text: &str) -> Result<PathBuf, String> {
    Ok(PathBuf::from(text))
}

//! The folder, cache and memory of plug-ins.

use std::path::PathBuf;

use super::{section::section, size::mebibytes};

section! {
    /// The folder, cache and memory of plug-ins.
    Plugins {
        folder: PathBuf = path {
            open: "PORTICO_PROVIDERS", key: "providers_folder",
            default: "./providers.d",
            help: "the folder of plug-ins",
        }
        cache: Option<PathBuf> = path {
            open: "PORTICO_CACHE", key: "cache",
            optional: "`.compiled` in the folder of plug-ins",
            help: "a folder for compiled plug-ins, created if it is missing: needed if Portico may not write to the folder of plug-ins. `portico provider add` with the same setting and keys fills it, so that the first start is fast",
        }
        memory: Option<u64> = mebibytes {
            open: "PORTICO_PLUGIN_MEMORY", key: "plugin_memory",
            optional: "a quarter of the machine's memory (or of the control group's), at most 1024",
            help: "memory of all running plug-ins, in MiB; one plug-in may use half of it. A login that gets none within 2 s is answered 503",
        }
    }
}

fn path(text: &str) -> Result<PathBuf, String> {
    Ok(PathBuf::from(text))
}

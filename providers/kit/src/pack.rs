//! Makes a component of a core module that the Rust SDK's macro made.

use thiserror::Error;
use wasmparser::{Encoding, Parser, Payload};
use wit_component::ComponentEncoder;

/// The interface that a provider exports, whatever its version.
const INTERFACE: &str = "portico:provider/provider@";
/// Modules of imports that are no way out: what a component gives to itself, to hand out the
/// resources it exports.
const ITS_OWN: &str = "[export]";

/// Why a module cannot be made a component.
#[derive(Debug, Error)]
pub enum PackError {
    /// Not WebAssembly, or not whole.
    #[error("this is no WebAssembly module: {0}")]
    NotAModule(String),
    /// Packed already.
    #[error("this is a component already: it needs no packing")]
    AlreadyAComponent,
    /// No `component-type` section.
    #[error(
        "this module does not say which interface it has: was it built with \
         portico_provider::export!(…), as a cdylib, for wasm32-unknown-unknown?"
    )]
    NoInterface,
    /// A way out of the sandbox.
    #[error(
        "a provider imports nothing, and this module imports {}: build it for \
         wasm32-unknown-unknown, and take out what needs a clock, randomness, files or a network",
        .0.join(", ")
    )]
    Imports(Vec<String>),
    /// Another interface than a provider's.
    #[error("this component exports {}, and not the interface of a provider", named(.0))]
    NotAProvider(Vec<String>),
    /// The module and its interface do not fit.
    #[error("this module does not fit its interface: {0}")]
    Encoding(String),
}

fn named(exports: &[String]) -> String {
    if exports.is_empty() { "nothing".into() } else { exports.join(", ") }
}

/// The component of a core module. The same module gives the same bytes.
pub fn pack(module: &[u8]) -> Result<Vec<u8>, PackError> {
    let read = Read::of(module)?;
    if read.component {
        return Err(PackError::AlreadyAComponent);
    }
    let out: Vec<_> = read.imports.into_iter().filter(|it| !it.starts_with(ITS_OWN)).collect();
    if !out.is_empty() {
        return Err(PackError::Imports(out));
    }
    if !read.typed {
        return Err(PackError::NoInterface);
    }
    let encoder = ComponentEncoder::default().module(module).map_err(unfit)?;
    let component = encoder.validate(true).encode().map_err(unfit)?;
    let packed = Read::of(&component)?;
    if !packed.imports.is_empty() {
        return Err(PackError::Imports(packed.imports));
    }
    if !packed.exports.iter().any(|name| name.starts_with(INTERFACE)) {
        return Err(PackError::NotAProvider(packed.exports));
    }
    Ok(component)
}

/// The whole chain of causes: the encoder's first line seldom says which function it misses.
fn unfit(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> PackError {
    let error = error.into();
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(under) = cause {
        words += &format!(": {under}");
        cause = under.source();
    }
    PackError::Encoding(words)
}

/// What the outermost module or component imports and exports.
#[derive(Default)]
struct Read {
    component: bool,
    /// Whether it carries the type of a component.
    typed: bool,
    imports: Vec<String>,
    exports: Vec<String>,
}

impl Read {
    fn of(wasm: &[u8]) -> Result<Self, PackError> {
        let mut read = Self::default();
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload.map_err(not_a_module)?;
            match &payload {
                Payload::Version { encoding, .. } => {
                    read.component |= depth == 0 && *encoding == Encoding::Component;
                    depth += 1;
                }
                Payload::End(_) => depth = depth.saturating_sub(1),
                _ if depth == 1 => read.section(payload)?,
                _ => {}
            }
        }
        Ok(read)
    }

    fn section(&mut self, payload: Payload<'_>) -> Result<(), PackError> {
        match payload {
            Payload::CustomSection(section) => {
                self.typed |= section.name().starts_with("component-type");
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import.map_err(not_a_module)?;
                    self.imports.push(format!("{} {}", import.module, import.name));
                }
            }
            Payload::ComponentImportSection(imports) => {
                for import in imports {
                    self.imports.push(import.map_err(not_a_module)?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(exports) => {
                for export in exports {
                    self.exports.push(export.map_err(not_a_module)?.name.name.to_owned());
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn not_a_module(error: wasmparser::BinaryReaderError) -> PackError {
    PackError::NotAModule(error.to_string())
}

#[cfg(test)]
mod tests;

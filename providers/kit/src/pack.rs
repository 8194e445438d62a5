//! Packs a core module, as the Rust SDK's macro exports it, as a component.

use thiserror::Error;
use wasmparser::{Encoding, Parser, Payload};
use wit_component::ComponentEncoder;

/// The interface that a provider exports, without its version.
const INTERFACE: &str = "portico:provider/provider@";
/// The prefix of import modules that the component itself provides, for the resources it exports.
const OWN_RESOURCES: &str = "[export]";

/// Why a module cannot be made a component.
#[derive(Debug, Error)]
pub enum PackError {
    /// Not WebAssembly, or truncated.
    #[error("this is not a WebAssembly module: {0}")]
    NotAModule(String),
    /// Already a component.
    #[error("this is a component already: it needs no packing")]
    AlreadyAComponent,
    /// No `component-type` section.
    #[error(
        "this module does not declare its interface: was it built with \
         portico_provider::export!(…), as a cdylib, for wasm32-unknown-unknown?"
    )]
    NoInterface,
    /// It imports functions.
    #[error(
        "a provider imports nothing, and this module imports {}: build it for \
         wasm32-unknown-unknown, and remove what needs a clock, randomness, files or a network",
        .0.join(", ")
    )]
    Imports(Vec<String>),
    /// It exports another interface.
    #[error("this component exports {}, and not the interface of a provider", listed(.0))]
    NotAProvider(Vec<String>),
    /// The module does not match its interface.
    #[error("this module does not match its interface: {0}")]
    Encoding(String),
}

fn listed(exports: &[String]) -> String {
    if exports.is_empty() { "nothing".into() } else { exports.join(", ") }
}

/// Packs a core module as a component. The same module gives the same bytes.
pub fn pack(module: &[u8]) -> Result<Vec<u8>, PackError> {
    let summary = Summary::of(module)?;
    if summary.is_component {
        return Err(PackError::AlreadyAComponent);
    }
    let is_foreign = |import: &String| !import.starts_with(OWN_RESOURCES);
    let imports: Vec<_> = summary.imports.into_iter().filter(is_foreign).collect();
    if !imports.is_empty() {
        return Err(PackError::Imports(imports));
    }
    if !summary.has_component_type {
        return Err(PackError::NoInterface);
    }
    let encoder = ComponentEncoder::default().module(module).map_err(encoding_error)?;
    let component = encoder.validate(true).encode().map_err(encoding_error)?;
    let packed = Summary::of(&component)?;
    if !packed.imports.is_empty() {
        return Err(PackError::Imports(packed.imports));
    }
    if !packed.exports.iter().any(|name| name.starts_with(INTERFACE)) {
        return Err(PackError::NotAProvider(packed.exports));
    }
    Ok(component)
}

/// An error with all its causes: the missing function is seldom named in the first.
fn encoding_error(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> PackError {
    let error = error.into();
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text += &format!(": {cause}");
        source = cause.source();
    }
    PackError::Encoding(text)
}

/// The imports and exports of the outermost module or component.
#[derive(Default)]
struct Summary {
    is_component: bool,
    has_component_type: bool,
    imports: Vec<String>,
    exports: Vec<String>,
}

impl Summary {
    fn of(wasm: &[u8]) -> Result<Self, PackError> {
        let mut summary = Self::default();
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload.map_err(not_a_module)?;
            match &payload {
                Payload::Version { encoding, .. } => {
                    summary.is_component |= depth == 0 && *encoding == Encoding::Component;
                    depth += 1;
                }
                Payload::End(_) => depth = depth.saturating_sub(1),
                _ if depth == 1 => summary.add_section(payload)?,
                _ => {}
            }
        }
        Ok(summary)
    }

    fn add_section(&mut self, payload: Payload<'_>) -> Result<(), PackError> {
        match payload {
            Payload::CustomSection(section) => {
                self.has_component_type |= section.name().starts_with("component-type");
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

//! What a component is, read without compiling or running any of it.

use wasmparser::{Encoding, Parser, Payload};

use crate::{error::LoadError, size::Size};

/// The interface that a plug-in exports, before its version.
const INTERFACE: &str = "portico:provider/provider@";
/// The largest component, in bytes: Python's have 18 MiB.
pub const MAX_BYTES: usize = 64 << 20;

/// The versions of the interface that this Portico speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V2,
    V1,
}

/// What a component is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// What it wants of the host, by name. A plug-in's are none.
    pub imports: Vec<String>,
    /// The version of the provider interface that it exports.
    pub interface: Option<String>,
    /// Its bytes.
    pub bytes: usize,
    /// The core modules in it, at any depth.
    pub modules: usize,
    /// The bytes that an instance takes beside its memories, tables and stack, at most.
    pub(crate) beside: usize,
}

impl Inspection {
    /// Refuses what imports anything and what speaks another interface.
    pub(crate) fn acceptable(&self) -> Result<Version, LoadError> {
        if !self.imports.is_empty() {
            return Err(LoadError::Imports(self.imports.clone()));
        }
        match self.interface.as_deref() {
            Some("2.0.0") => Ok(Version::V2),
            Some("1.0.0") => Ok(Version::V1),
            found => Err(LoadError::Interface { found: found.map(Into::into) }),
        }
    }
}

/// Reads what a component is. Nothing of it is compiled or run; imports and interface are
/// reported, not judged.
pub fn inspect(component: &[u8]) -> Result<Inspection, LoadError> {
    let bytes = component.len();
    if bytes > MAX_BYTES {
        return Err(LoadError::TooLarge { found: bytes, most: MAX_BYTES });
    }
    let mut inspection = Inspection { bytes, ..Inspection::default() };
    inspection.read(component)?;
    Ok(inspection)
}

impl Inspection {
    /// Notes the export of this name, where it is the provider interface.
    pub(crate) fn saw_export(&mut self, name: &str) {
        let version = name.strip_prefix(INTERFACE).map(Into::into);
        self.interface = version.or(self.interface.take());
    }

    fn read(&mut self, component: &[u8]) -> Result<(), LoadError> {
        if !Parser::is_component(component) {
            let is_module = Parser::is_core_wasm(component);
            let what = if is_module { "it is a core module" } else { "it is no WebAssembly" };
            return Err(LoadError::NotAComponent(what.into()));
        }
        // What stands within an inner module or component is that one's own.
        let (mut depth, mut size) = (0_usize, Size::default());
        for payload in Parser::new(0).parse_all(component) {
            let payload = payload.map_err(LoadError::broken)?;
            size.add(&payload)?;
            match payload {
                Payload::Version { encoding, .. } => {
                    depth += 1;
                    self.modules += usize::from(encoding == Encoding::Module);
                }
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentImportSection(imports) if depth == 1 => {
                    for import in imports {
                        let import = import.map_err(LoadError::broken)?;
                        self.imports.push(import.name.name.to_owned());
                    }
                }
                Payload::ComponentExportSection(exports) if depth == 1 => {
                    for export in exports {
                        self.saw_export(export.map_err(LoadError::broken)?.name.name);
                    }
                }
                _ => {}
            }
        }
        self.beside = size.beside();
        Ok(())
    }
}

/// The innermost reason, on one line.
pub(crate) fn root(error: &wasmtime::Error) -> String {
    portico_domain::text::clean(&error.root_cause().to_string(), 300)
}

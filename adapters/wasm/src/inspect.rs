//! Reads a component's imports, interface and sizes without compiling or running it.

use wasmparser::{Encoding, Parser, Payload};

use crate::{error::LoadError, size::Size};

/// The name of the interface that a plug-in exports, up to its version.
const INTERFACE: &str = "portico:provider/provider@";
/// The largest component, in bytes: Python's have 18 MiB.
pub const MAX_BYTES: usize = 64 << 20;

/// The supported versions of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V2,
    V1,
}

/// The properties of a component.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// The names of its imports. A plug-in has none.
    pub imports: Vec<String>,
    /// The version of the provider interface that it exports, if any.
    pub interface: Option<String>,
    /// The size of its file.
    pub bytes: usize,
    /// The number of its core modules, at any depth.
    pub modules: usize,
    /// An upper bound of the bytes of an instance beyond its memories, tables and stack.
    pub(crate) instance_overhead: usize,
}

impl Inspection {
    /// The version of the interface; an error for a component with imports or another interface.
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

/// Reads the properties of a component, without compiling or running it. Imports and interface are
/// reported, not checked.
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
    /// Stores the version if the export of this name is the provider interface.
    pub(crate) fn add_export(&mut self, name: &str) {
        let version = name.strip_prefix(INTERFACE).map(Into::into);
        self.interface = version.or(self.interface.take());
    }

    fn read(&mut self, component: &[u8]) -> Result<(), LoadError> {
        if !Parser::is_component(component) {
            let is_module = Parser::is_core_wasm(component);
            let what = if is_module { "it is a core module" } else { "it is no WebAssembly" };
            return Err(LoadError::NotAComponent(what.into()));
        }
        // Imports and exports at depth 1 are the component's own.
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
                        self.add_export(export.map_err(LoadError::broken)?.name.name);
                    }
                }
                _ => {}
            }
        }
        self.instance_overhead = size.instance_overhead();
        Ok(())
    }
}

/// The root cause of an error of wasmtime, on one line.
pub(crate) fn root_cause(error: &wasmtime::Error) -> String {
    portico_domain::text::clean(&error.root_cause().to_string(), 300)
}

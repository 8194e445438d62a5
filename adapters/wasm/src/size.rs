//! Limits for the parts of a component. The memory that a compiler needs for one function grows faster
//! than the function, so a small file could still cost gigabytes.
//!
//! Each limit is several times the size of Python's interpreter, the largest component in use.

use wasmparser::{FunctionBody, Payload};

use crate::{error::LoadError, meter::MAX_INSTANCES};

/// Functions of all modules. Python's component has 15,000.
const MAX_FUNCTIONS: u64 = 100_000;
/// Bytes of one function. The largest of Python's, its loop, has 100 KiB.
const MAX_BODY: u64 = 512 << 10;
/// Local variables of one function. Browsers accept 50,000; Python's largest function has 300.
const MAX_LOCALS: u64 = 10_000;
/// Types, imports, exports, globals and other items of all modules together.
const MAX_ITEMS: u64 = 200_000;

/// Bytes that wasmtime needs in each instance of a module for a function that can be called by pointer,
/// and for a global or other item: `VMFuncRef` and `VMGlobalDefinition`.
const BYTES_PER_FUNCTION: usize = 48;
const BYTES_PER_ITEM: usize = 32;

/// Counts of the sections read so far.
#[derive(Default)]
pub(crate) struct Size {
    functions: u64,
    items: u64,
    /// Nesting depth of components and modules, the current one included.
    depth: usize,
    /// Instantiated core modules.
    instances: usize,
    /// Whether a nested component instantiates one.
    has_nested_instances: bool,
    /// Bytes of each instance of the current module, and of the largest module so far.
    module_bytes: usize,
    max_module_bytes: usize,
}

impl Size {
    /// Counts the items of this payload; an error if a limit is exceeded.
    pub(crate) fn add(&mut self, payload: &Payload<'_>) -> Result<(), LoadError> {
        match payload {
            Payload::Version { .. } => {
                self.depth += 1;
                self.module_bytes = 0;
            }
            Payload::End(_) => self.depth = self.depth.saturating_sub(1),
            Payload::InstanceSection(section) => {
                self.instances = self.instances.saturating_add(section.count() as usize);
                self.has_nested_instances |= self.depth > 1;
            }
            _ => {}
        }
        if let Payload::CodeSectionEntry(body) = payload {
            self.functions += 1;
            self.add_module_bytes(BYTES_PER_FUNCTION);
            check_limit("functions", self.functions, MAX_FUNCTIONS)?;
            return check_function(body);
        }
        let items = items(payload);
        self.items += u64::from(items);
        self.add_module_bytes(BYTES_PER_ITEM.saturating_mul(items as usize));
        check_limit("types, imports, globals and the like", self.items, MAX_ITEMS)
    }

    fn add_module_bytes(&mut self, bytes: usize) {
        self.module_bytes = self.module_bytes.saturating_add(bytes);
        self.max_module_bytes = self.max_module_bytes.max(self.module_bytes);
    }

    /// An upper bound of the bytes of an instance beyond its memories, tables and stack: each module
    /// counts as the largest one, and a nested component as often as it may be instantiated.
    pub(crate) fn instance_overhead(&self) -> usize {
        let modules = if self.has_nested_instances { MAX_INSTANCES } else { self.instances };
        modules.min(MAX_INSTANCES).saturating_mul(self.max_module_bytes)
    }
}

fn check_function(body: &FunctionBody<'_>) -> Result<(), LoadError> {
    check_limit("bytes in one function", body.range().len() as u64, MAX_BODY)?;
    let mut locals = 0_u64;
    for group in body.get_locals_reader().map_err(LoadError::broken)? {
        locals += u64::from(group.map_err(LoadError::broken)?.0);
        check_limit("variables in one function", locals, MAX_LOCALS)?;
    }
    Ok(())
}

/// The number of items that the section declares.
fn items(payload: &Payload<'_>) -> u32 {
    match payload {
        Payload::TypeSection(section) => section.count(),
        Payload::ImportSection(section) => section.count(),
        Payload::TableSection(section) => section.count(),
        Payload::MemorySection(section) => section.count(),
        Payload::GlobalSection(section) => section.count(),
        Payload::ExportSection(section) => section.count(),
        Payload::ElementSection(section) => section.count(),
        Payload::DataSection(section) => section.count(),
        Payload::InstanceSection(section) => section.count(),
        Payload::ComponentInstanceSection(section) => section.count(),
        Payload::ComponentAliasSection(section) => section.count(),
        Payload::ComponentTypeSection(section) => section.count(),
        Payload::ComponentCanonicalSection(section) => section.count(),
        Payload::CoreTypeSection(section) => section.count(),
        Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => 1,
        _ => 0,
    }
}

fn check_limit(what: &str, found: u64, limit: u64) -> Result<(), LoadError> {
    if found > limit {
        return Err(LoadError::Complex(format!("it has more than {limit} {what}")));
    }
    Ok(())
}

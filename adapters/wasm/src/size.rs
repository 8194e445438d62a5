//! How large the parts of a component may be: what a compiler takes for one function grows faster
//! than the function, so that a file within its limit could still cost gigabytes.
//!
//! Each bound is several times what Python's interpreter has, the largest that plug-ins bring.

use wasmparser::{FunctionBody, Payload};

use crate::{error::LoadError, meter::MAX_INSTANCES};

/// Functions of all modules. Python's have 15,000.
const MAX_FUNCTIONS: u64 = 100_000;
/// Bytes of one function. The largest of Python's, its loop, has 100 KiB.
const MAX_BODY: u64 = 512 << 10;
/// Local variables of one function. Engines of browsers take 50,000; Python's largest has 300.
const MAX_LOCALS: u64 = 10_000;
/// Types, imports, exports, globals and the like of all modules, each.
const MAX_ITEMS: u64 = 200_000;

/// What wasmtime keeps for each function that can be called by pointer, and for each global and the
/// like, in each instance of a module: `VMFuncRef` and `VMGlobalDefinition`.
const BYTES_PER_FUNCTION: usize = 48;
const BYTES_PER_ITEM: usize = 32;

/// What was counted so far.
#[derive(Default)]
pub(crate) struct Size {
    functions: u64,
    items: u64,
    /// How many components and modules this one is within, itself included.
    depth: usize,
    /// Core modules that are instantiated, and whether by a component within this one.
    instances: usize,
    nested: bool,
    /// What the module that is read takes in each of its instances, and the largest that was.
    module: usize,
    largest: usize,
}

impl Size {
    /// Counts what this is, and refuses what is too much.
    pub(crate) fn add(&mut self, payload: &Payload<'_>) -> Result<(), LoadError> {
        match payload {
            Payload::Version { .. } => {
                self.depth += 1;
                self.module = 0;
            }
            Payload::End(_) => self.depth = self.depth.saturating_sub(1),
            Payload::InstanceSection(it) => {
                self.instances = self.instances.saturating_add(it.count() as usize);
                self.nested |= self.depth > 1;
            }
            _ => {}
        }
        if let Payload::CodeSectionEntry(body) = payload {
            self.functions += 1;
            self.takes(BYTES_PER_FUNCTION);
            at_most("functions", self.functions, MAX_FUNCTIONS)?;
            return function(body);
        }
        let items = items(payload);
        self.items += u64::from(items);
        self.takes(BYTES_PER_ITEM.saturating_mul(items as usize));
        at_most("types, imports, globals and the like", self.items, MAX_ITEMS)
    }

    fn takes(&mut self, bytes: usize) {
        self.module = self.module.saturating_add(bytes);
        self.largest = self.largest.max(self.module);
    }

    /// What an instance of the component takes beside its memories, tables and stack, at most: as if
    /// each of its modules were the largest. A component within it may be instantiated many times.
    pub(crate) fn beside(&self) -> usize {
        let times = if self.nested { MAX_INSTANCES } else { self.instances };
        times.min(MAX_INSTANCES).saturating_mul(self.largest)
    }
}

fn function(body: &FunctionBody<'_>) -> Result<(), LoadError> {
    at_most("bytes in one function", body.range().len() as u64, MAX_BODY)?;
    let mut locals = 0_u64;
    for group in body.get_locals_reader().map_err(LoadError::broken)? {
        locals += u64::from(group.map_err(LoadError::broken)?.0);
        at_most("variables in one function", locals, MAX_LOCALS)?;
    }
    Ok(())
}

/// How many items this section says that it has.
fn items(payload: &Payload<'_>) -> u32 {
    match payload {
        Payload::TypeSection(it) => it.count(),
        Payload::ImportSection(it) => it.count(),
        Payload::TableSection(it) => it.count(),
        Payload::MemorySection(it) => it.count(),
        Payload::GlobalSection(it) => it.count(),
        Payload::ExportSection(it) => it.count(),
        Payload::ElementSection(it) => it.count(),
        Payload::DataSection(it) => it.count(),
        Payload::InstanceSection(it) => it.count(),
        Payload::ComponentInstanceSection(it) => it.count(),
        Payload::ComponentAliasSection(it) => it.count(),
        Payload::ComponentTypeSection(it) => it.count(),
        Payload::ComponentCanonicalSection(it) => it.count(),
        Payload::CoreTypeSection(it) => it.count(),
        Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => 1,
        _ => 0,
    }
}

fn at_most(what: &str, found: u64, most: u64) -> Result<(), LoadError> {
    if found > most {
        return Err(LoadError::Complex(format!("it has more than {most} {what}")));
    }
    Ok(())
}

//! Machine code, and the one place that trusts it.

use wasmtime::{Engine, component::Component};

use crate::{error::LoadError, inspect};

/// A component as machine code that this Portico made: by itself, in a child process of its own, or
/// earlier and kept under its key. There is no other way to come by one.
#[derive(Clone)]
pub struct Compiled {
    /// What one instance takes beside its memories, in eight bytes, and then the machine code.
    bytes: Vec<u8>,
    /// Where that begins: to move tens of megabytes costs a start milliseconds.
    from: usize,
}

/// What stands before the machine code.
const BESIDE: usize = size_of::<u64>();

impl Compiled {
    /// The caller answers for where the bytes come from: they will run outside of any sandbox.
    pub(crate) fn trusted(bytes: Vec<u8>) -> Self {
        Self::trusted_after(0, bytes)
    }

    /// The same, of what follows the first `from` bytes.
    pub(crate) fn trusted_after(from: usize, bytes: Vec<u8>) -> Self {
        Self { bytes, from }
    }

    /// What was made of a component of which each instance takes so many bytes beside its memories.
    pub(crate) fn made(beside: usize, code: &[u8]) -> Self {
        Self::trusted([&(beside as u64).to_le_bytes(), code].concat())
    }

    /// The bytes that an instance takes beside its memories and tables.
    pub(crate) fn beside(&self) -> usize {
        let head = self.as_bytes().first_chunk().copied().unwrap_or([u8::MAX; BESIDE]);
        usize::try_from(u64::from_le_bytes(head)).unwrap_or(usize::MAX)
    }

    /// All of it, to be kept or handed to the parent process.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(self.from..).unwrap_or_default()
    }

    /// Makes it ready to run.
    #[allow(unsafe_code, reason = "the one line that trusts what was authenticated")]
    pub(crate) fn open(&self, engine: &Engine) -> Result<Component, LoadError> {
        let code = self.as_bytes().get(BESIDE..).unwrap_or_default();
        // SAFETY: these bytes are what `precompile_component` gave, untouched: a `Compiled` comes
        // only from `Sandbox::compile`, from the output of a child that runs the same function, or
        // from the cache after its tag was verified over these very bytes in this memory.
        // wasmtime itself refuses what another version or another configuration made.
        let component = unsafe { Component::deserialize(engine, code) };
        component.map_err(|error| LoadError::Stale(inspect::root(&error)))
    }
}

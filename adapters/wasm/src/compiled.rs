//! Machine code, and the only place that deserializes it.

use wasmtime::{Engine, component::Component};

use crate::{error::LoadError, inspect};

/// Machine code of a component, made by this process, by its compiler child, or read from the cache
/// and authenticated. No other constructor exists.
#[derive(Clone)]
pub struct Compiled {
    /// From `offset`: the instance overhead in eight bytes, then the machine code.
    bytes: Vec<u8>,
    /// Skips a header without moving tens of megabytes, which takes milliseconds.
    offset: usize,
}

/// Bytes before the machine code: the instance overhead.
const OVERHEAD_LEN: usize = size_of::<u64>();

impl Compiled {
    /// The caller guarantees that `bytes` come from [`Compiled::as_bytes`]: they run outside of any
    /// sandbox.
    pub(crate) fn trusted(bytes: Vec<u8>) -> Self {
        Self::trusted_after(0, bytes)
    }

    /// Like [`Compiled::trusted`], for what follows the first `offset` bytes.
    pub(crate) fn trusted_after(offset: usize, bytes: Vec<u8>) -> Self {
        Self { bytes, offset }
    }

    /// Machine code of a component whose instances have this overhead in bytes.
    pub(crate) fn new(instance_overhead: usize, code: &[u8]) -> Self {
        Self::trusted([&(instance_overhead as u64).to_le_bytes(), code].concat())
    }

    /// Bytes of an instance beyond its memories, tables and stack; see
    /// [`Size::instance_overhead`](crate::size::Size::instance_overhead).
    pub(crate) fn instance_overhead(&self) -> usize {
        let overhead = self.as_bytes().first_chunk().copied().unwrap_or([u8::MAX; OVERHEAD_LEN]);
        usize::try_from(u64::from_le_bytes(overhead)).unwrap_or(usize::MAX)
    }

    /// Overhead and machine code, for the cache or the parent process.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(self.offset..).unwrap_or_default()
    }

    /// The component, ready to be linked.
    #[allow(unsafe_code, reason = "the only line that trusts authenticated machine code")]
    pub(crate) fn deserialize(&self, engine: &Engine) -> Result<Component, LoadError> {
        let code = self.as_bytes().get(OVERHEAD_LEN..).unwrap_or_default();
        // SAFETY: these bytes are the unmodified output of `precompile_component`: a `Compiled` comes
        // only from `Sandbox::compile`, from the output of a child that runs the same function, or
        // from the cache after its tag was verified over these same bytes in memory.
        // wasmtime itself refuses the output of another version or configuration.
        let component = unsafe { Component::deserialize(engine, code) };
        component.map_err(|error| LoadError::Stale(inspect::root_cause(&error)))
    }
}

//! The sandbox: one engine, its settings, and the ticker that stops what runs in it too long.

use std::{hash::Hash, sync::Arc};

use aws_lc_rs::digest::{Context, SHA256};
use wasmtime::{Collector, Config, Engine};

use crate::{
    compiled::Compiled,
    error::LoadError,
    inspect::{self, inspect},
    pool,
    ticker::{Running, Ticker},
};

/// The stack of a guest. StarlingMonkey and Python want more than half a megabyte.
const GUEST_STACK: usize = 1 << 20;
/// What the host's own functions may use below it.
const HOST_STACK: usize = 512 << 10;

/// Where plug-ins run. Clones are the same sandbox.
#[derive(Clone)]
pub struct Sandbox {
    engine: Engine,
    ticker: Arc<Ticker>,
}

impl Sandbox {
    /// A sandbox, with its ticker's thread. Fails where the system gives no thread or is none that
    /// machine code can be made for.
    pub fn new() -> Result<Self, LoadError> {
        let unfit = |why: String| LoadError::Sandbox(why);
        let engine = Engine::new(&config()).map_err(|error| unfit(error.to_string()))?;
        let ticker = Ticker::start(&engine).map_err(|error| unfit(error.to_string()))?;
        Ok(Self { engine, ticker: Arc::new(ticker) })
    }

    /// Makes machine code of a component. It takes all of a core for 50 ms (a guest in Rust) to 10 s
    /// (Python) and some 400 MB: outside of tests see [`compile_in_child`](crate::compile_in_child).
    pub fn compile(&self, component: &[u8]) -> Result<Compiled, LoadError> {
        inspect(component)?.acceptable()?;
        let compiled = self.engine.precompile_component(component);
        compiled.map(Compiled::trusted).map_err(|error| LoadError::Compile(inspect::root(&error)))
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn begin(&self) -> Running<'_> {
        self.ticker.begin()
    }

    /// What machine code must have been made with to run here.
    pub(crate) fn compatibility(&self) -> String {
        let mut hasher = Hasher(Context::new(&SHA256));
        self.engine.precompile_compatibility_hash().hash(&mut hasher);
        hex(hasher.0.finish().as_ref())
    }
}

/// Everything that changes between two runs is off: the same inputs give the same outputs.
fn config() -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .max_wasm_stack(GUEST_STACK)
        .async_stack_size(GUEST_STACK + HOST_STACK)
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .wasm_memory64(false)
        .collector(Collector::Null)
        // Names of functions are for a debugger; a trap's reason is enough here.
        .wasm_backtrace_max_frames(None);
    pool::reserve(&mut config);
    #[cfg(any(test, feature = "testing"))]
    crate::testing::keep_memories(&mut config);
    config
}

/// SHA-256 as a [`std::hash::Hasher`]: the standard library's own may change with its version.
struct Hasher(Context);

impl std::hash::Hasher for Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        0 // Only the whole digest is read.
    }
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

//! The sandbox: a wasmtime engine with its configuration, the threads that instances run on, and the
//! ticker that interrupts them.

use std::{future::Future, hash::Hash, io, num::NonZeroUsize, sync::Arc, time::Duration};

use aws_lc_rs::digest::{Context, SHA256};
use portico_background::{Background, all_cores_but_one, nice};
use wasmtime::{Collector, Config, Engine};

use crate::{
    compiled::Compiled,
    cpu::CpuTime,
    digest::hex,
    error::LoadError,
    inspect::{inspect, root_cause},
    memory::MemoryBudget,
    pool::{self, AddressSpace},
    ticker::Ticker,
};

/// Bytes of stack for WebAssembly functions. StarlingMonkey and Python need more than half a megabyte.
const WASM_STACK: usize = 1 << 20;
/// Bytes of stack for host functions below them.
const HOST_STACK: usize = 512 << 10;

/// Bytes of stack of each instance.
pub(crate) const STACK: usize = WASM_STACK + HOST_STACK;

/// How long an instance waits for memory, over all its calls.
const MAX_MEMORY_WAIT: Duration = Duration::from_secs(2);

/// The nice value of threads that run instances (setpriority(2)): they still get a tenth of a core when
/// all cores are busy.
const NICE: i32 = 10;

/// Runs plug-ins. Clones share all of it.
#[derive(Clone)]
pub struct Sandbox {
    engine: Engine,
    address_space: AddressSpace,
    ticker: Arc<Ticker>,
    /// Threads that run instances: a computing plug-in does not delay requests.
    background: Arc<Background>,
    memory: Arc<MemoryBudget>,
}

impl Sandbox {
    /// A sandbox with a memory budget of 1 GiB: see [`Sandbox::with_memory`].
    pub fn new() -> Result<Self, LoadError> {
        Self::with_memory(1 << 30)
    }

    /// A sandbox with its own threads and a memory budget of `bytes` for all instances together, of
    /// which one plug-in may hold half. Fails if a thread cannot be started or the platform is not
    /// supported by the compiler.
    pub fn with_memory(bytes: usize) -> Result<Self, LoadError> {
        Self::with_budget(MemoryBudget::new(bytes, MAX_MEMORY_WAIT))
    }

    pub(crate) fn with_budget(memory: Arc<MemoryBudget>) -> Result<Self, LoadError> {
        let (engine, address_space) =
            pool::engine(code_config).map_err(|error| LoadError::Sandbox(error.to_string()))?;
        let unavailable = |error: io::Error| LoadError::Sandbox(error.to_string());
        let ticker = Arc::new(Ticker::start(&engine).map_err(unavailable)?);
        let background = Background::start("wasm plug-ins", all_cores_but_one(), nice(NICE));
        let background = Arc::new(background.map_err(unavailable)?);
        Ok(Self { engine, address_space, ticker, background, memory })
    }

    /// Compiles a component. It takes a core for 50 ms (a plug-in in Rust) to 10 s (Python) and up to
    /// 400 MB: outside of tests use [`compile_in_child`](crate::compile_in_child).
    pub fn compile(&self, component: &[u8]) -> Result<Compiled, LoadError> {
        compile_with(&self.engine, component)
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The address space that machine code must be compiled for.
    pub(crate) fn address_space(&self) -> AddressSpace {
        self.address_space
    }

    /// The memory budget of all instances.
    pub(crate) fn memory(&self) -> &Arc<MemoryBudget> {
        &self.memory
    }

    /// Runs a call on a background thread and measures its processor time.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        cpu: Arc<CpuTime>,
        work: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let _call = self.ticker.begin_call();
        self.background.run(cpu.measure(work)).await
    }

    /// Spawns `work` on a background thread.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.background.spawn(work);
    }

    /// A hash of the wasmtime version and configuration that machine code must be compiled with.
    pub(crate) fn compatibility(&self) -> String {
        let mut hasher = Hasher(Context::new(&SHA256));
        self.engine.precompile_compatibility_hash().hash(&mut hasher);
        hex(hasher.0.finish().as_ref())
    }
}

/// Compiles without the threads and the reserved address space of a sandbox.
pub(crate) fn compile_without_sandbox(
    component: &[u8],
    space: AddressSpace,
) -> Result<Compiled, LoadError> {
    let engine = Engine::new(&code_config(space));
    compile_with(&engine.map_err(|error| LoadError::Sandbox(error.to_string()))?, component)
}

fn compile_with(engine: &Engine, component: &[u8]) -> Result<Compiled, LoadError> {
    let inspection = inspect(component)?;
    inspection.acceptable()?;
    let code = engine.precompile_component(component);
    let code = code.map_err(|error| LoadError::Compile(root_cause(&error)))?;
    Ok(Compiled::new(inspection.instance_overhead, &code))
}

/// The compiler configuration. Sources of nondeterminism are off: equal inputs give equal outputs.
fn code_config(space: AddressSpace) -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK)
        .async_stack_size(STACK)
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .wasm_memory64(false)
        .collector(Collector::Null)
        // Names of functions in the backtrace of a trap, if the component has a name section.
        .wasm_backtrace_max_frames(NonZeroUsize::new(16));
    if space == AddressSpace::OnDemand {
        pool::configure_on_demand(&mut config);
    }
    config
}

/// SHA-256 as a [`std::hash::Hasher`]: the standard library's may change with its version.
struct Hasher(Context);

impl std::hash::Hasher for Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        0 // Unused: the digest is read from the context.
    }
}

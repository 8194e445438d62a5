//! The sandbox: one engine, its settings, and the ticker that stops what runs in it too long.

use std::{future::Future, hash::Hash, num::NonZeroUsize, sync::Arc, time::Duration};

use aws_lc_rs::digest::{Context, SHA256};
use portico_background::{Background, all_cores_but_one, nice};
use wasmtime::{Collector, Config, Engine};

use crate::{
    compiled::Compiled,
    cpu::CpuTime,
    error::LoadError,
    inspect::{self, inspect},
    memory::MemoryBudget,
    pool::{self, Space},
    ticker::Ticker,
};

/// The stack of a guest. StarlingMonkey and Python want more than half a megabyte.
const GUEST_STACK: usize = 1 << 20;
/// What the host's own functions may use below it.
const HOST_STACK: usize = 512 << 10;

/// Both: what an instance takes whatever it is.
pub(crate) const STACK: usize = GUEST_STACK + HOST_STACK;

/// How long an instance waits for memory that others have, over all its calls.
const MAX_WAIT: Duration = Duration::from_secs(2);

/// What a guest's thread yields to others of this process (setpriority(2)): a tenth of a core is
/// still its own where everything else wants all of them.
const NICE: i32 = 10;

/// Where plug-ins run. Clones are the same sandbox.
#[derive(Clone)]
pub struct Sandbox {
    engine: Engine,
    space: Space,
    ticker: Arc<Ticker>,
    /// The threads that guests run on: whoever is served beside them does not wait for one that
    /// computes.
    guests: Arc<Background>,
    memory: Arc<MemoryBudget>,
}

impl Sandbox {
    /// A sandbox with a gigabyte for all instances together: see [`Sandbox::with_memory`].
    pub fn new() -> Result<Self, LoadError> {
        Self::with_memory(1 << 30)
    }

    /// A sandbox, with threads of its own, whose instances may hold so many bytes together, and
    /// those of one plug-in half of that. Fails where the system gives no thread or is none that
    /// machine code can be made for.
    pub fn with_memory(bytes: usize) -> Result<Self, LoadError> {
        Self::with_budget(MemoryBudget::new(bytes, MAX_WAIT))
    }

    pub(crate) fn with_budget(memory: Arc<MemoryBudget>) -> Result<Self, LoadError> {
        let unfit = |why: String| LoadError::Sandbox(why);
        let (engine, space) =
            pool::engine(code_config).map_err(|error| unfit(error.to_string()))?;
        let ticker = Ticker::start(&engine).map_err(|error| unfit(error.to_string()))?;
        let guests = Background::start("wasm guests", all_cores_but_one(), nice(NICE));
        let guests = guests.map_err(|error| unfit(error.to_string()))?;
        Ok(Self { engine, space, ticker: Arc::new(ticker), guests: Arc::new(guests), memory })
    }

    /// Makes machine code of a component. It takes all of a core for 50 ms (a guest in Rust) to 10 s
    /// (Python) and some 400 MB: outside of tests see [`compile_in_child`](crate::compile_in_child).
    pub fn compile(&self, component: &[u8]) -> Result<Compiled, LoadError> {
        compile_with(&self.engine, component)
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// What machine code must be made for to run here.
    pub(crate) fn space(&self) -> Space {
        self.space
    }

    /// What all instances share.
    pub(crate) fn memory(&self) -> &Arc<MemoryBudget> {
        &self.memory
    }

    /// Runs a guest on one of its threads, its processor time counted.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        cpu: Arc<CpuTime>,
        work: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let running = self.ticker.begin();
        let done = self.guests.run(cpu.count(work)).await;
        drop(running);
        done
    }

    /// Does this on a guest's thread; nobody waits for it.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.guests.spawn(work);
    }

    /// What machine code must have been made with to run here.
    pub(crate) fn compatibility(&self) -> String {
        let mut hasher = Hasher(Context::new(&SHA256));
        self.engine.precompile_compatibility_hash().hash(&mut hasher);
        hex(hasher.0.finish().as_ref())
    }
}

/// Compiles without a sandbox to run anything in: no thread, and no address space kept.
pub(crate) fn compile_alone(component: &[u8], space: Space) -> Result<Compiled, LoadError> {
    let engine = Engine::new(&code_config(space));
    compile_with(&engine.map_err(|error| LoadError::Sandbox(error.to_string()))?, component)
}

fn compile_with(engine: &Engine, component: &[u8]) -> Result<Compiled, LoadError> {
    let inspection = inspect(component)?;
    inspection.acceptable()?;
    let code = engine.precompile_component(component);
    let code = code.map_err(|error| LoadError::Compile(inspect::root(&error)))?;
    Ok(Compiled::made(inspection.beside, &code))
}

/// What machine code is made with. Everything that changes between two runs is off: the same inputs
/// give the same outputs.
fn code_config(space: Space) -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .max_wasm_stack(GUEST_STACK)
        .async_stack_size(STACK)
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .wasm_memory64(false)
        .collector(Collector::Null)
        // A guest that keeps its functions' names says by them where it trapped.
        .wasm_backtrace_max_frames(NonZeroUsize::new(16));
    if space == Space::Narrow {
        pool::narrow(&mut config);
    }
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

//! Compiles in a child process. Compiling takes seconds and hundreds of megabytes, and a component that
//! crashes the compiler must not crash the server.

use std::{
    env, fs,
    io::{self, Read, Write},
    num::NonZeroUsize,
    os::unix::process::ExitStatusExt,
    path::Path,
    process::Stdio,
    thread::available_parallelism,
    time::Duration,
};

use portico_domain::text::clean;
use rustix::process::{Resource, Rlimit, Signal, getrlimit, setpriority_process, setrlimit};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::{Child, Command},
    sync::Semaphore,
    time::timeout,
};

use crate::{
    compiled::Compiled,
    error::LoadError,
    inspect::{MAX_BYTES, inspect},
    pool::AddressSpace,
    sandbox::{Sandbox, compile_without_sandbox},
};

/// Bytes of machine code. It is about three times the size of its component; Python's has 35 MB.
pub(crate) const MAX_OUTPUT: u64 = 128 << 20;
/// Bytes of the child's standard error that are read.
const MAX_STDERR: u64 = 64 << 10;

/// Memory limit of the child in bytes: Python's component of 18 MB takes 400 MB.
pub(crate) const MAX_MEMORY: usize = 1 << 30;
/// Limit of its processor time, of all threads together. Python's component takes 20 s.
const MAX_CPU_TIME: Duration = Duration::from_secs(240);
/// Threads of the child: each of them needs memory.
const MAX_THREADS: usize = 4;
/// The child's nice value (setpriority(2)): the lowest priority, after all logins.
const NICE: i32 = 19;

/// Error messages about failed allocations: of Rust's allocator when it aborts, wasmtime, the system.
const OUT_OF_MEMORY: [&str; 3] =
    ["memory allocation of", "out of memory", "Cannot allocate memory"];

/// The variable that has a child compile for [`AddressSpace::OnDemand`].
const ON_DEMAND_VARIABLE: &str = "PORTICO_COMPILE_NARROW";

/// Compiles `component` for `sandbox` in a child process: `program` with `args` reads the component
/// from its standard input and writes machine code to its standard output, as
/// [`compile_stdin_to_stdout`] does. The machine code is trusted, so `program` must be this program's
/// own file. After `within` the child is killed; it limits its own memory and processor time. One child
/// per process runs at a time, further calls wait for it.
///
/// The child inherits no environment variable, since some hold secrets. The last line of its standard
/// error becomes the error.
pub async fn compile_in_child(
    sandbox: &Sandbox,
    program: &Path,
    args: &[&str],
    component: &[u8],
    within: Duration,
) -> Result<Compiled, LoadError> {
    static PERMITS: Semaphore = Semaphore::const_new(1);
    inspect(component)?.acceptable()?;
    // An error would mean that the semaphore was closed, which never happens.
    let _permit = PERMITS.acquire().await;
    let threads = available_parallelism().map_or(1, NonZeroUsize::get).min(MAX_THREADS);
    let mut command = Command::new(program);
    command.env_clear();
    if sandbox.address_space() == AddressSpace::OnDemand {
        command.env(ON_DEMAND_VARIABLE, "1");
    }
    let child = command
        .args(args)
        .env("RAYON_NUM_THREADS", threads.to_string())
        // Otherwise the allocator commits a gigabyte at its start, which RLIMIT_DATA counts as used.
        .env("MIMALLOC_ARENA_EAGER_COMMIT", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(LoadError::Child)?;
    let ended = timeout(within, exchange(child, component)).await;
    ended.map_err(|_| LoadError::CompileTime(within))?
}

async fn exchange(mut child: Child, component: &[u8]) -> Result<Compiled, LoadError> {
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(mut input), Some(output), Some(stderr)) = pipes else {
        return Err(LoadError::Child(io::ErrorKind::BrokenPipe.into()));
    };
    let write = async move {
        // A child that fails early reports why on its standard error; here it is a broken pipe.
        let _ = input.write_all(component).await;
    };
    let (output, stderr) = (read_limited(output, MAX_OUTPUT), read_limited(stderr, MAX_STDERR));
    let ((), compiled, stderr) = tokio::join!(write, output, stderr);
    let (compiled, stderr) =
        (compiled.map_err(LoadError::Child)?, stderr.map_err(LoadError::Child)?);
    if compiled.len() as u64 == MAX_OUTPUT {
        return Err(LoadError::Compile("its machine code is too large".into()));
    }
    let status = child.wait().await.map_err(LoadError::Child)?;
    if status.success() {
        return Ok(Compiled::trusted(compiled));
    }
    let stderr = String::from_utf8_lossy(&stderr);
    if OUT_OF_MEMORY.iter().any(|message| stderr.contains(message)) {
        return Err(LoadError::CompileMemory(MAX_MEMORY));
    }
    match status.signal().and_then(Signal::from_named_raw) {
        Some(Signal::XCPU) => return Err(LoadError::CompileTime(MAX_CPU_TIME)),
        Some(Signal::KILL) => return Err(LoadError::CompilerKilled),
        _ => {}
    }
    let last = stderr.lines().rev().find(|line| !line.trim().is_empty());
    let why = last.map_or_else(|| format!("the compiler ended with {status}"), Into::into);
    Err(LoadError::Compiler(clean(&why, 600)))
}

/// Reads the pipe up to `limit` bytes and closes it.
async fn read_limited(pipe: impl AsyncRead + Unpin, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    pipe.take(limit).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

/// The child's side: reads a component from the standard input, writes machine code to the standard
/// output.
pub fn compile_stdin_to_stdout() -> Result<(), LoadError> {
    limit_this_process().map_err(|error| LoadError::Child(error.into()))?;
    let mut component = Vec::new();
    let mut input = io::stdin().lock().take(MAX_BYTES as u64 + 1);
    input.read_to_end(&mut component).map_err(LoadError::Child)?;
    let on_demand = env::var_os(ON_DEMAND_VARIABLE).is_some();
    let space = if on_demand { AddressSpace::OnDemand } else { AddressSpace::Reserved };
    let compiled = compile_without_sandbox(&component, space)?;
    let mut output = io::stdout().lock();
    output.write_all(compiled.as_bytes()).and_then(|()| output.flush()).map_err(LoadError::Child)
}

/// Sets the resource limits of this process. The child does it before it reads untrusted input; its
/// parent could only do it with unsafe code.
fn limit_this_process() -> rustix::io::Result<()> {
    let set_limit = |resource, value| {
        let limit = getrlimit(resource);
        let value = limit.maximum.map_or(value, |maximum| maximum.min(value));
        setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) })
    };
    // Writable memory. RLIMIT_AS would also count reserved address space, of which allocators take
    // far more than they use.
    set_limit(Resource::Data, MAX_MEMORY as u64)?;
    set_limit(Resource::Core, 0)?;
    // The soft limit sends SIGXCPU, by which the parent recognises it; the hard limit sends SIGKILL.
    let seconds = MAX_CPU_TIME.as_secs();
    setrlimit(Resource::Cpu, Rlimit { current: Some(seconds), maximum: Some(seconds + 5) })?;
    // An error is ignored: the process then runs at normal priority.
    let _ = setpriority_process(None, NICE);
    // If the machine still runs out of memory, the kernel kills this process, not the server.
    let _ = fs::write("/proc/self/oom_score_adj", "1000");
    Ok(())
}

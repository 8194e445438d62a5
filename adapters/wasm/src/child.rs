//! Compiling in a process of its own: it takes seconds and hundreds of megabytes, and a compiler
//! that an odd component brings down takes nothing else with it.

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
    pool::Space,
    sandbox::{Sandbox, compile_alone},
};

/// Machine code is some three times its component; Python's has 35 MB.
pub(crate) const MAX_OUTPUT: u64 = 128 << 20;
/// What is read of the child's complaints, in bytes.
const MAX_COMPLAINT: u64 = 64 << 10;

/// What the child may have of memory: Python's 18 MB take 400 MB.
pub(crate) const MAX_MEMORY: usize = 1 << 30;
/// What it may have of processor time, all its threads together. Python's take 20 s.
const MAX_TIME: Duration = Duration::from_secs(240);
/// How many threads it has: what each of them holds adds up.
const MAX_THREADS: usize = 4;
/// What the child yields to others (setpriority(2)): whoever signs in goes first.
const NICE: i32 = 19;

/// What programs say when they get no memory: Rust's allocator as it aborts, wasmtime, the system.
const OUT_OF_MEMORY: [&str; 3] =
    ["memory allocation of", "out of memory", "Cannot allocate memory"];

/// The variable that tells a child to compile for little address space.
const NARROW: &str = "PORTICO_COMPILE_NARROW";

/// Compiles `component` for `sandbox` in a child: `program` with `args`, which reads the component on its input
/// and writes machine code to its output, as [`compile_stdin_to_stdout`] does. The program is
/// trusted as this one is: it must be this program's own file. After `within` the child is killed;
/// of memory and of processor time it takes no more than it lets itself have. One child at a time
/// compiles in this process: others wait their turn.
///
/// The child gets no variable of this process: secrets stand in some. The last line of its complaint
/// is the error.
pub async fn compile_in_child(
    sandbox: &Sandbox,
    program: &Path,
    args: &[&str],
    component: &[u8],
    within: Duration,
) -> Result<Compiled, LoadError> {
    static TURN: Semaphore = Semaphore::const_new(1);
    inspect(component)?.acceptable()?;
    // Nobody closes it.
    let _turn = TURN.acquire().await;
    let threads = available_parallelism().map_or(1, NonZeroUsize::get).min(MAX_THREADS);
    let mut command = Command::new(program);
    command.env_clear();
    if sandbox.space() == Space::Narrow {
        command.env(NARROW, "1");
    }
    let child = command
        .args(args)
        .env("RAYON_NUM_THREADS", threads.to_string())
        // The allocator reserves a gigabyte at its start: as if in use, unless it is told not to.
        .env("MIMALLOC_ARENA_EAGER_COMMIT", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(LoadError::Child)?;
    let ended = timeout(within, converse(child, component)).await;
    ended.map_err(|_| LoadError::CompileTime(within))?
}

async fn converse(mut child: Child, component: &[u8]) -> Result<Compiled, LoadError> {
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(mut input), Some(output), Some(complaint)) = pipes else {
        return Err(LoadError::Child(io::ErrorKind::BrokenPipe.into()));
    };
    let write = async move {
        // A child that gives up early says why on its own; this end only sees a broken pipe.
        let _ = input.write_all(component).await;
    };
    let read = tokio::join!(write, all(output, MAX_OUTPUT), all(complaint, MAX_COMPLAINT));
    let ((), compiled, complaints) = read;
    let (compiled, complaints) =
        (compiled.map_err(LoadError::Child)?, complaints.map_err(LoadError::Child)?);
    if compiled.len() as u64 == MAX_OUTPUT {
        return Err(LoadError::Compile("its machine code is too large".into()));
    }
    let status = child.wait().await.map_err(LoadError::Child)?;
    if status.success() {
        return Ok(Compiled::trusted(compiled));
    }
    let complaints = String::from_utf8_lossy(&complaints);
    if OUT_OF_MEMORY.iter().any(|words| complaints.contains(words)) {
        return Err(LoadError::CompileMemory(MAX_MEMORY));
    }
    match status.signal().and_then(Signal::from_named_raw) {
        Some(Signal::XCPU) => return Err(LoadError::CompileTime(MAX_TIME)),
        Some(Signal::KILL) => return Err(LoadError::CompilerKilled),
        _ => {}
    }
    let last = complaints.lines().rev().find(|line| !line.trim().is_empty());
    let why = last.map_or_else(|| format!("the compiler ended with {status}"), Into::into);
    Err(LoadError::Compiler(clean(&why, 600)))
}

/// What comes through this pipe, up to a limit. Whoever writes more finds it closed.
async fn all(pipe: impl AsyncRead + Unpin, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    pipe.take(most).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

/// The child's side: a component from the standard input, machine code to the standard output.
pub fn compile_stdin_to_stdout() -> Result<(), LoadError> {
    limit_this_process().map_err(|error| LoadError::Child(error.into()))?;
    let mut component = Vec::new();
    let mut input = io::stdin().lock().take(MAX_BYTES as u64 + 1);
    input.read_to_end(&mut component).map_err(LoadError::Child)?;
    let space = if env::var_os(NARROW).is_some() { Space::Narrow } else { Space::Wide };
    let compiled = compile_alone(&component, space)?;
    let mut output = io::stdout().lock();
    output.write_all(compiled.as_bytes()).and_then(|()| output.flush()).map_err(LoadError::Child)
}

/// What this process may have from here on. The child does it itself, before it reads a byte of
/// what somebody else wrote: its parent cannot without unsafe code.
fn limit_this_process() -> rustix::io::Result<()> {
    let at_most = |resource, most| {
        let limit = getrlimit(resource);
        let most = limit.maximum.map_or(most, |maximum| maximum.min(most));
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
    };
    // Memory that can be written to. What is only reserved does not count, as it does for
    // RLIMIT_AS: allocators reserve far more than they use.
    at_most(Resource::Data, MAX_MEMORY as u64)?;
    at_most(Resource::Core, 0)?;
    // The second limit is a kill: the first can be told from others by its signal.
    let most = MAX_TIME.as_secs();
    setrlimit(Resource::Cpu, Rlimit { current: Some(most), maximum: Some(most + 5) })?;
    // Where the system does not let it, it runs as everything else does.
    let _ = setpriority_process(None, NICE);
    // Where memory is short all the same, this process goes and not the one that serves.
    let _ = fs::write("/proc/self/oom_score_adj", "1000");
    Ok(())
}

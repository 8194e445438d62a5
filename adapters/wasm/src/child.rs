//! Compiling in a process of its own: it takes seconds and hundreds of megabytes, and a compiler
//! that an odd component brings down takes nothing else with it.

use std::{
    io::{self, Read, Write},
    path::Path,
    process::Stdio,
    time::Duration,
};

use portico_domain::text::clean;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, Command},
    time::timeout,
};

use crate::{compiled::Compiled, error::LoadError, inspect::inspect, sandbox::Sandbox};

/// Machine code is some three times its component; Python's has 35 MB.
const MOST_OUTPUT: u64 = 512 << 20;
/// What is read of the child's complaints, in bytes.
const MOST_COMPLAINT: u64 = 64 << 10;

/// Compiles `component` in a child: `program` with `args`, which reads the component on its input
/// and writes machine code to its output, as [`compile_stdin_to_stdout`] does. The program is
/// trusted as this one is: it must be this program's own file. After `within` the child is killed.
///
/// The child gets no variable of this process: secrets stand in some. The last line of its complaint
/// is the error.
pub async fn compile_in_child(
    program: &Path,
    args: &[&str],
    component: &[u8],
    within: Duration,
) -> Result<Compiled, LoadError> {
    inspect(component)?.acceptable()?;
    let child = Command::new(program)
        .args(args)
        .env_clear()
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
    let (mut output, mut complaint) = (output.take(MOST_OUTPUT), complaint.take(MOST_COMPLAINT));
    let (mut compiled, mut complaints) = (Vec::new(), Vec::new());
    let write = async move {
        // A child that gives up early says why on its own; this end only sees a broken pipe.
        let _ = input.write_all(component).await;
    };
    let ((), read, complained) = tokio::join!(
        write,
        output.read_to_end(&mut compiled),
        complaint.read_to_end(&mut complaints),
    );
    read.and(complained).map_err(LoadError::Child)?;
    if compiled.len() as u64 == MOST_OUTPUT {
        return Err(LoadError::Compile("its machine code is too large".into()));
    }
    let status = child.wait().await.map_err(LoadError::Child)?;
    if status.success() {
        return Ok(Compiled::trusted(compiled));
    }
    let complaints = String::from_utf8_lossy(&complaints);
    let last = complaints.lines().rev().find(|line| !line.trim().is_empty());
    let why = last.map_or_else(|| format!("the compiler ended with {status}"), Into::into);
    Err(LoadError::Compiler(clean(&why, 600)))
}

/// The child's side: a component from the standard input, machine code to the standard output.
pub fn compile_stdin_to_stdout() -> Result<(), LoadError> {
    let mut component = Vec::new();
    io::stdin().lock().read_to_end(&mut component).map_err(LoadError::Child)?;
    let compiled = Sandbox::new()?.compile(&component)?;
    let mut output = io::stdout().lock();
    output.write_all(compiled.as_bytes()).and_then(|()| output.flush()).map_err(LoadError::Child)
}

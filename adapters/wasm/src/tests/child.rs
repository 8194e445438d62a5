//! [`compile_in_child`]: its output runs, and every failure of the child is an error.

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rstest::rstest;

use crate::{
    child::compile_in_child,
    compiled::Compiled,
    error::LoadError,
    limits::Limits,
    plugin::Plugin,
    sandbox::Sandbox,
    testing::{PluginBuilder, compiler_bomb, with_function},
};

const SHELL: &str = "/bin/sh";

/// The path of `examples/compile.rs`, which is built with the tests.
fn compiler() -> PathBuf {
    let target = env::current_exe().unwrap();
    target.parent().and_then(Path::parent).unwrap().join("examples/compile")
}

/// Runs a shell script in place of the compiler.
async fn run_script(script: &str, within: Duration) -> Result<Compiled, LoadError> {
    let component = PluginBuilder::honest("child").build();
    let sandbox = Sandbox::new().unwrap();
    compile_in_child(&sandbox, Path::new(SHELL), &["-c", script], &component, within).await
}

#[tokio::test]
async fn compile_in_child_returns_machine_code_that_runs() {
    let component = PluginBuilder::honest("child").build();
    let (sandbox, minute) = (Sandbox::new().unwrap(), Duration::from_secs(60));
    let compiled = compile_in_child(&sandbox, &compiler(), &[], &component, minute).await.unwrap();
    let plugin = Plugin::load(&sandbox, &compiled, Limits::default()).await.unwrap();
    assert_eq!(plugin.descriptor().id.as_str(), "child");
}

#[tokio::test]
async fn compile_in_child_refuses_invalid_component_before_starting_a_child() {
    let (sandbox, missing_program) = (Sandbox::new().unwrap(), Path::new("/nonexistent"));
    let refused =
        compile_in_child(&sandbox, missing_program, &[], b"no", Duration::from_secs(1)).await;
    assert!(matches!(refused, Err(LoadError::NotAComponent(_))));
    let component = PluginBuilder::honest("child").build();
    let within = Duration::from_secs(1);
    let failed = compile_in_child(&sandbox, missing_program, &[], &component, within).await;
    assert!(matches!(failed, Err(LoadError::Child(_))));
}

#[tokio::test]
async fn error_is_last_line_of_childs_stderr_or_its_exit_status() {
    let script = "cat > /dev/null; echo first >&2; printf 'the last\\033[31m\\n\\n' >&2; exit 3";
    let failed = run_script(script, Duration::from_secs(10)).await.err().unwrap();
    assert_eq!(failed.to_string(), "the process that compiles it says: the last[31m");
    let silent = run_script("exit 3", Duration::from_secs(10)).await.err().unwrap().to_string();
    assert!(silent.contains("exit status: 3"), "{silent}");
}

#[tokio::test]
async fn child_is_killed_after_the_timeout() {
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let script = format!("echo $$ > {}; exec sleep 600", pid.display());
    let late = run_script(&script, Duration::from_millis(500)).await.err().unwrap();
    assert!(matches!(late, LoadError::CompileTime(_)), "{late}");
    let pid = fs::read_to_string(pid).unwrap();
    let is_killed = || !is_running(pid.trim());
    let deadline = Instant::now() + Duration::from_secs(10);
    while !is_killed() && Instant::now() < deadline {
        tokio::task::yield_now().await;
    }
    assert!(is_killed());
}

/// Whether the process exists and is no zombie.
fn is_running(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with('Z'))
}

#[tokio::test]
async fn child_inherits_no_environment_variable() {
    let script = "cat > /dev/null; echo \"path ${CARGO_MANIFEST_DIR:-none}\" >&2; exit 1";
    assert!(env::var_os("CARGO_MANIFEST_DIR").is_some());
    let error = run_script(script, Duration::from_secs(10)).await.err().unwrap().to_string();
    assert!(error.ends_with("path none"), "{error}");
}

#[tokio::test]
async fn load_refuses_output_of_child_that_is_no_machine_code() {
    let junk = run_script("cat > /dev/null; echo junk", Duration::from_secs(10)).await.unwrap();
    let sandbox = Sandbox::new().unwrap();
    let refused = Plugin::load(&sandbox, &junk, Limits::default()).await.err().unwrap();
    assert!(matches!(refused, LoadError::Stale(_)), "{refused}");
}

async fn compile(component: &[u8]) -> Result<Compiled, LoadError> {
    let sandbox = Sandbox::new().unwrap();
    compile_in_child(&sandbox, &compiler(), &[], component, Duration::from_secs(250)).await
}

#[tokio::test]
async fn compiler_memory_is_limited_to_one_gibibyte() {
    let component = compiler_bomb();
    assert!(component.len() < 200_000, "{}", component.len());
    let refused = compile(&component).await.err().unwrap();
    assert_eq!(
        refused.to_string(),
        "the compiler needed more than 1024 MiB; leave out what it does not need"
    );
}

#[rstest]
#[case::local_variables(with_function(10_001, ""), "more than 10000 variables in one function")]
#[case::function_size(
    with_function(0, &"nop ".repeat(600_000)),
    "more than 524288 bytes in one function"
)]
#[case::functions(with_items(&"(func) ".repeat(100_001)), "more than 100000 functions")]
#[case::globals(
    with_items(&"(global i32 (i32.const 0)) ".repeat(200_001)),
    "more than 200000 types, imports, globals and the like"
)]
#[tokio::test]
async fn component_over_a_size_limit_is_refused_before_compiling(
    #[case] component: Vec<u8>,
    #[case] why: &str,
) {
    let missing_program = Path::new("/nonexistent");
    let sandbox = Sandbox::new().unwrap();
    let within = Duration::from_secs(1);
    let result = compile_in_child(&sandbox, missing_program, &[], &component, within).await;
    let error = result.err().unwrap().to_string();
    assert!(error.contains(why), "{error}");
}

fn with_items(items: &str) -> Vec<u8> {
    let mut plugin = PluginBuilder::honest("items");
    plugin.items = items.into();
    plugin.build()
}

#[tokio::test]
async fn error_tells_kill_cpu_limit_and_memory_limit_apart() {
    let killed = run_script("kill -KILL $$", Duration::from_secs(10)).await.err().unwrap();
    assert!(matches!(killed, LoadError::CompilerKilled), "{killed}");
    let late = run_script("kill -XCPU $$", Duration::from_secs(10)).await.err().unwrap();
    assert!(matches!(late, LoadError::CompileTime(_)), "{late}");
    let full = "echo 'memory allocation of 9 bytes failed' >&2; kill -ABRT $$";
    let full = run_script(full, Duration::from_secs(10)).await.err().unwrap();
    assert!(matches!(full, LoadError::CompileMemory(_)), "{full}");
}

#[tokio::test]
async fn endless_stderr_of_child_is_cut_off() {
    let flood = run_script("exec cat /dev/zero >&2", Duration::from_secs(60)).await.err().unwrap();
    assert!(matches!(flood, LoadError::Compiler(_)), "{flood}");
}

#[test]
fn compile_without_sandbox_equals_compile_of_sandbox() {
    let component = PluginBuilder::honest("alone").build();
    let alone =
        crate::sandbox::compile_without_sandbox(&component, crate::pool::AddressSpace::Reserved)
            .unwrap();
    assert!(alone.as_bytes() == Sandbox::new().unwrap().compile(&component).unwrap().as_bytes());
}

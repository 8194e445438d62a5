//! Compiling in a child: what it gives runs, and whatever it does is an error and no more.

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::{
    Compiled, Limits, LoadError, Plugin, Sandbox, compile_in_child,
    testing::{Guest, compiler_bomb, with_function},
};

const SHELL: &str = "/bin/sh";

/// `examples/compile.rs`, which is built with the tests.
fn compiler() -> PathBuf {
    let target = env::current_exe().unwrap();
    target.parent().and_then(Path::parent).unwrap().join("examples/compile")
}

async fn shell(script: &str, within: Duration) -> Result<Compiled, LoadError> {
    let component = Guest::honest("child").build();
    let sandbox = Sandbox::new().unwrap();
    compile_in_child(&sandbox, Path::new(SHELL), &["-c", script], &component, within).await
}

#[tokio::test]
async fn what_the_child_compiled_runs_here() {
    let component = Guest::honest("child").build();
    let (sandbox, minute) = (Sandbox::new().unwrap(), Duration::from_secs(60));
    let compiled = compile_in_child(&sandbox, &compiler(), &[], &component, minute).await.unwrap();
    let plugin = Plugin::load(&sandbox, &compiled, Limits::default()).await.unwrap();
    assert_eq!(plugin.descriptor().id.as_str(), "child");
}

#[tokio::test]
async fn what_is_no_plug_in_is_refused_before_a_child_is_asked() {
    let (sandbox, nobody) = (Sandbox::new().unwrap(), Path::new("/nonexistent"));
    let refused = compile_in_child(&sandbox, nobody, &[], b"no", Duration::from_secs(1)).await;
    assert!(matches!(refused, Err(LoadError::NotAComponent(_))));
    let component = Guest::honest("child").build();
    let missing = compile_in_child(&sandbox, nobody, &[], &component, Duration::from_secs(1)).await;
    assert!(matches!(missing, Err(LoadError::Child(_))));
}

#[tokio::test]
async fn the_last_line_of_a_childs_complaint_is_the_error() {
    let script = "cat > /dev/null; echo first >&2; printf 'the last\\033[31m\\n\\n' >&2; exit 3";
    let failed = shell(script, Duration::from_secs(10)).await.err().unwrap();
    assert_eq!(failed.to_string(), "the process that compiles it says: the last[31m");
    let silent = shell("exit 3", Duration::from_secs(10)).await.err().unwrap().to_string();
    assert!(silent.contains("exit status: 3"), "{silent}");
}

#[tokio::test]
async fn a_child_that_takes_too_long_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let script = format!("echo $$ > {}; exec sleep 600", pid.display());
    let late = shell(&script, Duration::from_millis(500)).await.err().unwrap();
    assert!(matches!(late, LoadError::CompileTime(_)), "{late}");
    let pid = fs::read_to_string(pid).unwrap();
    let killed = || !running(pid.trim());
    let deadline = Instant::now() + Duration::from_secs(10);
    while !killed() && Instant::now() < deadline {
        tokio::task::yield_now().await;
    }
    assert!(killed());
}

/// Whether it is there and no zombie.
fn running(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with('Z'))
}

#[tokio::test]
async fn a_child_sees_no_variable_of_its_parent() {
    let script = "cat > /dev/null; echo \"path ${CARGO_MANIFEST_DIR:-none}\" >&2; exit 1";
    assert!(env::var_os("CARGO_MANIFEST_DIR").is_some());
    let said = shell(script, Duration::from_secs(10)).await.err().unwrap().to_string();
    assert!(said.ends_with("path none"), "{said}");
}

#[tokio::test]
async fn what_a_child_gives_that_is_no_machine_code_does_not_run() {
    let junk = shell("cat > /dev/null; echo junk", Duration::from_secs(10)).await.unwrap();
    let sandbox = Sandbox::new().unwrap();
    let refused = Plugin::load(&sandbox, &junk, Limits::default()).await.err().unwrap();
    assert!(matches!(refused, LoadError::Stale(_)), "{refused}");
}

async fn compiled(component: &[u8]) -> Result<Compiled, LoadError> {
    let sandbox = Sandbox::new().unwrap();
    compile_in_child(&sandbox, &compiler(), &[], component, Duration::from_secs(250)).await
}

#[tokio::test]
async fn a_small_file_that_wants_gigabytes_of_the_compiler_gets_one_and_is_told() {
    let component = compiler_bomb();
    assert!(component.len() < 200_000, "{}", component.len());
    let refused = compiled(&component).await.err().unwrap();
    assert_eq!(
        refused.to_string(),
        "the compiler needed more than 1024 MiB; leave out what it does not need"
    );
}

#[tokio::test]
async fn what_a_compiler_may_not_be_asked_for_is_refused_before_it_is() {
    let many = "(func) ".repeat(100_001);
    let mut functions = Guest::honest("functions");
    functions.beside = many;
    let mut globals = Guest::honest("globals");
    globals.beside = "(global i32 (i32.const 0)) ".repeat(200_001);
    for (component, why) in [
        (with_function(10_001, ""), "more than 10000 variables in one function"),
        (with_function(0, &"nop ".repeat(600_000)), "more than 524288 bytes in one function"),
        (functions.build(), "more than 100000 functions"),
        (globals.build(), "more than 200000 types, imports, globals and the like"),
    ] {
        let nobody = Path::new("/nonexistent");
        let sandbox = Sandbox::new().unwrap();
        let within = Duration::from_secs(1);
        let refused = compile_in_child(&sandbox, nobody, &[], &component, within).await;
        assert!(refused.err().unwrap().to_string().contains(why), "{why}");
    }
}

#[tokio::test]
async fn a_compiler_that_the_system_kills_is_said_to_be() {
    let killed = shell("kill -KILL $$", Duration::from_secs(10)).await.err().unwrap();
    assert!(matches!(killed, LoadError::CompilerKilled), "{killed}");
    let late = shell("kill -XCPU $$", Duration::from_secs(10)).await.err().unwrap();
    assert!(matches!(late, LoadError::CompileTime(_)), "{late}");
    let full = "echo 'memory allocation of 9 bytes failed' >&2; kill -ABRT $$";
    let full = shell(full, Duration::from_secs(10)).await.err().unwrap();
    assert!(matches!(full, LoadError::CompileMemory(_)), "{full}");
}

#[tokio::test]
async fn what_a_child_says_without_end_is_neither_kept_nor_waited_for() {
    let flood = shell("exec cat /dev/zero >&2", Duration::from_secs(60)).await.err().unwrap();
    assert!(matches!(flood, LoadError::Compiler(_)), "{flood}");
}

#[test]
fn code_that_is_compiled_alone_runs_in_a_sandbox() {
    let component = Guest::honest("alone").build();
    let alone = crate::sandbox::compile_alone(&component, crate::pool::Space::Wide).unwrap();
    assert!(alone.as_bytes() == Sandbox::new().unwrap().compile(&component).unwrap().as_bytes());
}

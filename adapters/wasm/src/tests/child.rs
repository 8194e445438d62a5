//! Compiling in a child: what it gives runs, and whatever it does is an error and no more.

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::{Compiled, Limits, LoadError, Plugin, Sandbox, compile_in_child, testing::Guest};

const SHELL: &str = "/bin/sh";

/// `examples/compile.rs`, which is built with the tests.
fn compiler() -> PathBuf {
    let target = env::current_exe().unwrap();
    target.parent().and_then(Path::parent).unwrap().join("examples/compile")
}

async fn shell(script: &str, within: Duration) -> Result<Compiled, LoadError> {
    let component = Guest::honest("child").build();
    compile_in_child(Path::new(SHELL), &["-c", script], &component, within).await
}

#[tokio::test]
async fn what_the_child_compiled_runs_here() {
    let component = Guest::honest("child").build();
    let minute = Duration::from_secs(60);
    let compiled = compile_in_child(&compiler(), &[], &component, minute).await.unwrap();
    let sandbox = Sandbox::new().unwrap();
    let plugin = Plugin::load(&sandbox, &compiled, Limits::default()).await.unwrap();
    assert_eq!(plugin.descriptor().id.as_str(), "child");
}

#[tokio::test]
async fn what_is_no_plug_in_is_refused_before_a_child_is_asked() {
    let nobody = Path::new("/nonexistent");
    let refused = compile_in_child(nobody, &[], b"no", Duration::from_secs(1)).await;
    assert!(matches!(refused, Err(LoadError::NotAComponent(_))));
    let component = Guest::honest("child").build();
    let missing = compile_in_child(nobody, &[], &component, Duration::from_secs(1)).await;
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
    let began = Instant::now();
    let late = shell(&script, Duration::from_millis(500)).await.err().unwrap();
    assert!(matches!(late, LoadError::CompileTime(_)), "{late}");
    assert!(began.elapsed() < Duration::from_secs(10));
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

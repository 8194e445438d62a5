//! The `portico` program as a process of its own.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    fs,
    net::TcpListener,
    os::unix::ffi::OsStringExt,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use portico_emulator::{Emulator, personas};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::watch,
};

/// How long a log line may take from the program to the test.
const LOG_TIMEOUT: Duration = Duration::from_secs(5);

/// How long what takes a while may take on a busy machine.
const EXIT_TIMEOUT: Duration = Duration::from_secs(240);

/// How long a program that is expected to give up may take.
const FAILURE_TIMEOUT: Duration = Duration::from_secs(60);

/// The environment that a program is started with.
#[derive(Clone, Debug)]
pub struct Settings {
    variables: BTreeMap<OsString, OsString>,
    folder: PathBuf,
    launcher: Vec<String>,
    /// Where Portico is reached.
    pub base: String,
}

impl Settings {
    /// Signs in with `emulator`, to any of its tenants, keeps sessions in sled below `folder`, and
    /// listens on a free port.
    pub fn new(emulator: &Emulator, folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let base = format!("http://127.0.0.1:{port}");
        let tenants = [&personas::CONTOSO, &personas::TAILSPIN].map(|tenant| tenant.id).join(",");
        let mut settings = Self {
            variables: BTreeMap::new(),
            folder: folder.to_owned(),
            launcher: vec![],
            base: base.clone(),
        };
        let emulator = emulator.http_url().as_str();
        for (name, value) in [
            ("APP_BASE_URL", base.as_str()),
            ("PORTICO_LISTEN", &format!("127.0.0.1:{port}")),
            ("PORTICO_STORE", "sled:sessions"),
            // All of a test's people come from one address.
            ("PORTICO_LOGINS_PER_ADDRESS", "1000000"),
            ("PORTICO_LOGINS", "1000000"),
            ("PORTICO_CONNECTIONS_PER_ADDRESS", "1000000"),
            ("AZURE_AUTHORITY_HOST", emulator),
            ("AZURE_RESOURCE_MANAGER_URL", emulator),
            ("AZURE_TENANT_ID", "organizations"),
            ("AZURE_ALLOWED_TENANTS", &format!("{tenants},{}", personas::FABRIKAM.id)),
            ("AZURE_CLIENT_ID", personas::APPLICATION.client_id),
            ("AZURE_CLIENT_SECRET", personas::APPLICATION.client_secret),
        ] {
            settings.set(name, value);
        }
        settings
    }

    /// Sets a variable.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.set_bytes(name.as_bytes(), value.as_bytes())
    }

    /// Sets a variable whose name and value need not be text.
    pub fn set_bytes(&mut self, name: &[u8], value: &[u8]) -> &mut Self {
        let [name, value] = [name, value].map(|bytes| OsString::from_vec(bytes.to_vec()));
        self.variables.insert(name, value);
        self
    }

    /// Takes a variable away.
    pub fn unset(&mut self, name: &str) -> &mut Self {
        self.variables.remove(OsStr::new(name));
        self
    }

    /// Changes the folder it works in.
    pub fn folder(&mut self, folder: &Path) -> &mut Self {
        self.folder = folder.to_owned();
        self
    }

    /// Has another program start it, in its own place: it gets these arguments, and
    /// after them the path of `portico`.
    pub fn launch_by(&mut self, words: &[&str]) -> &mut Self {
        self.launcher = words.iter().map(|&word| word.to_owned()).collect();
        self
    }

    fn command(&self) -> Command {
        let mut words = self.launcher.iter().map(OsString::from).collect::<Vec<_>>();
        words.push(program("portico").into());
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .env_clear()
            .envs(&self.variables)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }
}

/// A program of this workspace, of the profile of whatever runs.
pub fn program(name: &str) -> PathBuf {
    // A test is target/<profile>/deps/<test>, a program target/<profile>/<name>.
    let running = std::env::current_exe().unwrap();
    let beside = running.parent().unwrap();
    let profile = if beside.ends_with("deps") { beside.parent().unwrap() } else { beside };
    let program = profile.join(name);
    assert!(program.exists(), "{} is missing: cargo build --workspace --bins", program.display());
    program
}

/// A running Portico. It is killed when dropped.
pub struct Portico {
    child: Child,
    lines: watch::Receiver<Vec<String>>,
    reads: watch::Sender<bool>,
    /// Where it is reached.
    pub base: String,
}

impl Portico {
    /// Starts it and waits until it listens, has loaded its plug-ins and has asked its identity
    /// providers whether they are well.
    pub async fn start(settings: &Settings) -> Self {
        Self::start_until(settings, "every provider is loaded").await
    }

    /// Starts it and waits until it listens.
    pub async fn open(settings: &Settings) -> Self {
        Self::start_until(settings, "Portico listens").await
    }

    async fn start_until(settings: &Settings, line: &str) -> Self {
        let mut child = settings.command().spawn().unwrap();
        let (log, mut lines) = watch::channel(Vec::<String>::new());
        let mut reader = BufReader::new(child.stderr.take().unwrap()).lines();
        let (reads, mut may_read) = watch::channel(true);
        tokio::spawn(async move {
            // Reads on where the other end was dropped: the program is ending.
            while let Ok(Some(line)) = {
                let _ = may_read.wait_for(|may| *may).await;
                reader.next_line().await
            } {
                log.send_modify(|lines| lines.push(line));
            }
        });
        let said = |lines: &Vec<String>| lines.iter().any(|it| it.contains(line));
        let started = lines.wait_for(said).await.is_ok();
        assert!(started, "Portico did not start:\n{}", lines.borrow().join("\n"));
        Self { child, lines, reads, base: settings.base.clone() }
    }

    /// Whether its log is read from now on. What it writes while nobody reads stays in the pipe,
    /// which takes some 64 KiB (pipe(7)).
    pub fn read_log(&self, reads: bool) {
        self.reads.send_replace(reads);
    }

    /// Everything it has logged so far.
    pub fn log(&self) -> String {
        self.lines.borrow().join("\n")
    }

    /// Waits until it has logged something that holds this text.
    pub async fn logs(&mut self, text: &str) {
        let written = self.lines.wait_for(|lines| lines.iter().any(|line| line.contains(text)));
        let written = tokio::time::timeout(LOG_TIMEOUT, written).await.is_ok_and(|it| it.is_ok());
        assert!(written, "{text:?} is not in the log:\n{}", self.log());
    }

    /// Waits until it has logged something that holds this text, as long as a compilation or a pause
    /// between two tries may take.
    pub async fn in_time_logs(&self, text: &str) {
        let mut lines = self.lines.clone();
        let written = lines.wait_for(|lines| lines.iter().any(|line| line.contains(text)));
        let written = tokio::time::timeout(EXIT_TIMEOUT, written).await.is_ok_and(|it| it.is_ok());
        assert!(written, "{text:?} is not in the log:\n{}", self.log());
    }

    /// Waits until `seen` says so of what it has logged, which is asked again with each line.
    pub async fn logged(&self, mut seen: impl FnMut(&Self) -> bool) {
        let mut lines = self.lines.clone();
        let written = async {
            while !seen(self) {
                lines.changed().await.unwrap();
            }
        };
        let written = tokio::time::timeout(LOG_TIMEOUT, written).await;
        assert!(written.is_ok(), "what was waited for is not in the log:\n{}", self.log());
    }

    /// The log lines of the failure that was answered with this correlation id, as JSON: they are
    /// written before the answer, but may be read after it.
    pub async fn failure(&self, correlation: &str) -> Vec<Value> {
        let is_it = |line: &Value| line["fields"]["correlation"] == correlation;
        let mut lines = self.lines.clone();
        let written = lines.wait_for(|lines| lines.iter().any(|line| line.contains(correlation)));
        let written = tokio::time::timeout(LOG_TIMEOUT, written).await;
        assert!(matches!(written, Ok(Ok(_))), "{correlation} is not in the log:\n{}", self.log());
        self.log_lines().into_iter().filter(is_it).collect()
    }

    /// Everything it has logged so far that is JSON.
    pub fn log_lines(&self) -> Vec<Value> {
        let lines = self.lines.borrow();
        lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// The log lines of failures: status and stable word.
    pub fn failures(&self) -> Vec<(u64, String)> {
        let lines = self.log_lines();
        lines
            .iter()
            .filter_map(|line| {
                let fields = &line["fields"];
                Some((fields["status"].as_u64()?, fields["code"].as_str()?.to_owned()))
            })
            .collect()
    }

    /// Asks it to stop (SIGTERM) and waits until it has.
    pub async fn stop(mut self) -> ExitStatus {
        self.terminate().await;
        self.child.wait().await.unwrap()
    }

    /// Asks it to stop and does not wait.
    pub async fn terminate(&self) {
        self.signal("TERM").await;
    }

    /// Sends it this signal.
    pub async fn signal(&self, name: &str) {
        send_signal(self.id(), name).await;
    }

    /// Waits until it has stopped.
    pub async fn wait(mut self) -> ExitStatus {
        self.child.wait().await.unwrap()
    }

    /// Waits until it has stopped and its log is read: all of it.
    pub async fn wait_and_read(mut self) -> (ExitStatus, String) {
        let ended = self.child.wait().await.unwrap();
        while self.lines.changed().await.is_ok() {}
        (ended, self.log())
    }

    /// Bytes of memory that it holds (`VmRSS`), and the most that it ever held (`VmHWM`;
    /// proc_pid_status(5)).
    pub fn memory(&self) -> (u64, u64) {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let bytes = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1_024
        };
        (bytes("VmRSS:"), bytes("VmHWM:"))
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id().unwrap()
    }
}

impl Drop for Portico {
    /// Kills it and waits until it is dead: the next one may listen on its port.
    fn drop(&mut self) {
        let _ = self.child.start_kill();
        while let Ok(None) = self.child.try_wait() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Sends this signal to a process.
pub async fn send_signal(process: u32, name: &str) {
    let (name, process) = (format!("-{name}"), process.to_string());
    let sent = Command::new("kill").args([name, process]).status().await.unwrap();
    assert!(sent.success());
}

/// Starts a program that is expected to give up: its exit code and what it said.
pub async fn start_and_fail(settings: &Settings) -> (Option<i32>, String) {
    let output = settings.command().spawn().unwrap().wait_with_output();
    let output =
        tokio::time::timeout(FAILURE_TIMEOUT, output).await.expect("it has started").unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

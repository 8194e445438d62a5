//! The `portico` program as a process.

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

use portico_emulator::{Cloud, Emulator, personas};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::watch,
};

/// Timeout for a log line that has been written to reach the test.
const LOG_TIMEOUT: Duration = Duration::from_secs(5);

/// Timeout for a log line of slow work, such as a compilation on a busy machine.
const SLOW_LOG_TIMEOUT: Duration = Duration::from_secs(240);

/// Timeout for the exit of a program that must not start.
const EXIT_TIMEOUT: Duration = Duration::from_secs(60);

/// Environment and working directory of the program.
#[derive(Clone, Debug)]
pub struct Settings {
    variables: BTreeMap<OsString, OsString>,
    folder: PathBuf,
    launcher: Vec<String>,
    /// The base URL of Portico.
    pub base: String,
}

impl Settings {
    /// Azure at `emulator` with the home tenants of its people allowed, a sled store in `folder`, and a free port.
    pub fn new(emulator: &Emulator, folder: &Path) -> Self {
        Self::of_emulator_at(emulator.http_url().as_str(), folder)
    }

    /// As [`Settings::new`], with the emulator at this URL.
    pub fn of_emulator_at(emulator: &str, folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let base = format!("http://127.0.0.1:{port}");
        let sigrids = &personas::SIGRIDS_TENANTS[0];
        let tenants = [&personas::CONTOSO, &personas::TAILSPIN, &personas::FABRIKAM, sigrids];
        let tenants = tenants.map(|tenant| tenant.id).join(",");
        let mut settings = Self {
            variables: BTreeMap::new(),
            folder: folder.to_owned(),
            launcher: vec![],
            base: base.clone(),
        };
        for (name, value) in [
            ("APP_BASE_URL", base.as_str()),
            ("PORTICO_LISTEN", &format!("127.0.0.1:{port}")),
            ("PORTICO_STORE", "sled:sessions"),
            // All requests of a test come from one address.
            ("PORTICO_LOGINS_PER_ADDRESS", "1000000"),
            ("PORTICO_LOGINS", "1000000"),
            ("PORTICO_CONNECTIONS_PER_ADDRESS", "1000000"),
            ("AZURE_AUTHORITY_HOST", emulator),
            ("AZURE_RESOURCE_MANAGER_URL", emulator),
            ("AZURE_TENANT_ID", "organizations"),
            ("AZURE_ALLOWED_TENANTS", &tenants),
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

    /// Sets a variable whose name and value need not be UTF-8.
    pub fn set_bytes(&mut self, name: &[u8], value: &[u8]) -> &mut Self {
        let [name, value] = [name, value].map(|bytes| OsString::from_vec(bytes.to_vec()));
        self.variables.insert(name, value);
        self
    }

    /// Configures this cloud's plug-in for the emulator.
    pub fn set_plugin(&mut self, cloud: Cloud, emulator: &Emulator) -> &mut Self {
        self.set_plugin_as(cloud, cloud.name(), emulator)
    }

    /// Configures the plug-in with this id as one of this cloud.
    pub fn set_plugin_as(&mut self, cloud: Cloud, id: &str, emulator: &Emulator) -> &mut Self {
        let [cloud_prefix, prefix] =
            [cloud.name(), id].map(|id| id.replace('-', "_").to_ascii_uppercase());
        for (name, value) in cloud.plugin_variables(emulator.http_url()) {
            self.set(&name.replacen(&cloud_prefix, &prefix, 1), &value);
        }
        self
    }

    /// Removes a variable.
    pub fn unset(&mut self, name: &str) -> &mut Self {
        self.variables.remove(OsStr::new(name));
        self
    }

    /// Sets the working directory.
    pub fn folder(&mut self, folder: &Path) -> &mut Self {
        self.folder = folder.to_owned();
        self
    }

    /// Starts `portico` by another command: these arguments, followed by the path of `portico`.
    pub fn launch_by(&mut self, arguments: &[&str]) -> &mut Self {
        self.launcher = arguments.iter().map(|&it| it.to_owned()).collect();
        self
    }

    fn command(&self) -> Command {
        let mut arguments = self.launcher.iter().map(OsString::from).collect::<Vec<_>>();
        arguments.push(program("portico").into());
        let mut command = Command::new(&arguments[0]);
        command
            .args(&arguments[1..])
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

/// The path of a program of this workspace, built with the profile of the running test.
pub fn program(name: &str) -> PathBuf {
    // Tests are in target/<profile>/deps, programs in target/<profile>.
    let running = std::env::current_exe().unwrap();
    let folder = running.parent().unwrap();
    let profile = if folder.ends_with("deps") { folder.parent().unwrap() } else { folder };
    let program = profile.join(name);
    assert!(program.exists(), "{} is missing: cargo build --workspace --bins", program.display());
    program
}

/// A running Portico. It is killed when dropped.
pub struct Portico {
    child: Child,
    lines: watch::Receiver<Vec<String>>,
    reads_log: watch::Sender<bool>,
    /// The base URL.
    pub base: String,
}

impl Portico {
    /// Starts it and waits until all plug-ins are loaded and all identity providers are checked.
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
        let (reads_log, mut may_read) = watch::channel(true);
        tokio::spawn(async move {
            // An error means that the sender was dropped: read the rest of the log.
            while let Ok(Some(line)) = {
                let _ = may_read.wait_for(|may| *may).await;
                reader.next_line().await
            } {
                log.send_modify(|lines| lines.push(line));
            }
        });
        let is_logged = |lines: &Vec<String>| lines.iter().any(|it| it.contains(line));
        let started = tokio::time::timeout(SLOW_LOG_TIMEOUT, lines.wait_for(is_logged)).await;
        let started = started.is_ok_and(|it| it.is_ok());
        assert!(started, "Portico did not start:\n{}", lines.borrow().join("\n"));
        Self { child, lines, reads_log, base: settings.base.clone() }
    }

    /// Starts or stops reading its log. While it is not read, the pipe fills: it holds 64 KiB
    /// (pipe(7)).
    pub fn read_log(&self, reads: bool) {
        self.reads_log.send_replace(reads);
    }

    /// The log so far.
    pub fn log(&self) -> String {
        self.lines.borrow().join("\n")
    }

    /// Waits for a log line that contains `text`.
    pub async fn wait_for_log(&mut self, text: &str) {
        let written = self.lines.wait_for(|lines| lines.iter().any(|line| line.contains(text)));
        let written = tokio::time::timeout(LOG_TIMEOUT, written).await.is_ok_and(|it| it.is_ok());
        assert!(written, "{text:?} is not in the log:\n{}", self.log());
    }

    /// Waits for a log line that contains `text`, with a timeout long enough for a compilation or the
    /// pause before a retry.
    pub async fn wait_for_slow_log(&self, text: &str) {
        let mut lines = self.lines.clone();
        let written = lines.wait_for(|lines| lines.iter().any(|line| line.contains(text)));
        let written =
            tokio::time::timeout(SLOW_LOG_TIMEOUT, written).await.is_ok_and(|it| it.is_ok());
        assert!(written, "{text:?} is not in the log:\n{}", self.log());
    }

    /// Waits until `condition` holds; it is evaluated after each log line.
    pub async fn logged(&self, mut condition: impl FnMut(&Self) -> bool) {
        let mut lines = self.lines.clone();
        let written = async {
            while !condition(self) {
                lines.changed().await.unwrap();
            }
        };
        let written = tokio::time::timeout(LOG_TIMEOUT, written).await;
        assert!(written.is_ok(), "the condition does not hold for the log:\n{}", self.log());
    }

    /// Waits for the log lines with this correlation id and returns them. They are written before the
    /// response, but the test may read them after it.
    pub async fn failure(&self, correlation: &str) -> Vec<Value> {
        let is_it = |line: &Value| line["fields"]["correlation"] == correlation;
        let mut lines = self.lines.clone();
        let written = lines.wait_for(|lines| lines.iter().any(|line| line.contains(correlation)));
        // Its result holds a read lock, under which reading the log could wait for ever: for the task
        // that writes, which waits for the lock.
        let written = tokio::time::timeout(LOG_TIMEOUT, written).await.is_ok_and(|it| it.is_ok());
        assert!(written, "{correlation} is not in the log:\n{}", self.log());
        self.log_lines().into_iter().filter(is_it).collect()
    }

    /// The JSON lines of the log so far.
    pub fn log_lines(&self) -> Vec<Value> {
        let lines = self.lines.borrow();
        lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// `status` and `code` of each error in the log.
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

    /// Sends SIGTERM and waits for its exit.
    pub async fn stop(mut self) -> ExitStatus {
        self.terminate().await;
        self.child.wait().await.unwrap()
    }

    /// Sends SIGTERM.
    pub async fn terminate(&self) {
        self.signal("TERM").await;
    }

    /// Sends a signal.
    pub async fn signal(&self, name: &str) {
        send_signal(self.id(), name).await;
    }

    /// Waits for its exit.
    pub async fn wait(mut self) -> ExitStatus {
        self.child.wait().await.unwrap()
    }

    /// Waits for its exit and returns the complete log.
    pub async fn wait_and_read(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().await.unwrap();
        while self.lines.changed().await.is_ok() {}
        (status, self.log())
    }

    /// Resident memory in bytes (`VmRSS`) and its peak (`VmHWM`), see proc_pid_status(5).
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
    /// Kills it and waits for its exit, since the next Portico may listen on its port.
    fn drop(&mut self) {
        let _ = self.child.start_kill();
        while let Ok(None) = self.child.try_wait() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Sends a signal to a process.
pub async fn send_signal(process: u32, name: &str) {
    let (name, process) = (format!("-{name}"), process.to_string());
    let sent = Command::new("kill").args([name, process]).status().await.unwrap();
    assert!(sent.success());
}

/// Starts a program that must not start. Returns its exit code and stderr.
pub async fn start_and_fail(settings: &Settings) -> (Option<i32>, String) {
    let output = settings.command().spawn().unwrap().wait_with_output();
    let output =
        tokio::time::timeout(EXIT_TIMEOUT, output).await.expect("it did not exit").unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

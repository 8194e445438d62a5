//! A real proxy in front of Portico and of an app, with the configuration of its page in `docs/proxies`
//! as it stands: only the addresses and the host name are replaced.

use std::{
    env,
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::{Child, Command},
};

/// Timeout for a proxy to start on a busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A proxy that has a page in `docs/proxies`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProxyKind {
    /// nginx of Debian.
    Nginx,
    /// Traefik of PyPI.
    Traefik,
    /// Caddy of PyPI: a current version.
    Caddy,
    /// Caddy of Debian: 2.6.2.
    CaddyOfDebian,
    /// HAProxy of Debian.
    Haproxy,
    /// Envoy of PyPI.
    Envoy,
}

impl ProxyKind {
    /// The name of its program and of its page.
    fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Traefik => "traefik",
            Self::Caddy | Self::CaddyOfDebian => "caddy",
            Self::Haproxy => "haproxy",
            Self::Envoy => "envoy",
        }
    }

    /// The path of its program.
    fn program(self) -> PathBuf {
        let folders = match self {
            Self::Traefik | Self::Caddy | Self::Envoy => {
                vec![root().join("target/tools/proxies/bin")]
            }
            Self::Nginx | Self::CaddyOfDebian | Self::Haproxy => {
                // Debian installs servers in /usr/sbin, which is not on every user's PATH.
                let path = env::var_os("PATH").unwrap_or_default();
                env::split_paths(&path).chain(["/usr/sbin".into()]).collect()
            }
        };
        let found =
            folders.iter().map(|folder| folder.join(self.name())).find(|path| path.exists());
        found.unwrap_or_else(|| panic!("{self:?} is missing: scripts/setup test installs it"))
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            // One process, so that none is left when it is killed.
            Self::Nginx => &["-p", ".", "-c", "nginx.conf", "-g", "master_process off;"],
            Self::Traefik => &["--configfile=traefik.yaml"],
            Self::Caddy | Self::CaddyOfDebian => {
                &["run", "--config", "Caddyfile", "--adapter", "caddyfile"]
            }
            Self::Haproxy => &["-db", "-f", "haproxy.cfg"],
            // Hot restart shares memory among all processes of one base id.
            Self::Envoy => &["-c", "envoy.yaml", "--disable-hot-restart", "--concurrency", "1"],
        }
    }
}

/// A running proxy. It is killed when dropped; a failing test prints its log.
pub struct Proxy {
    /// Killed when dropped.
    _child: Child,
    folder: TempDir,
    /// Its base URL, `http://127.0.0.1:PORT`: the origin of the app.
    pub base: String,
}

impl Proxy {
    /// Starts it in front of Portico and of an app, both on 127.0.0.1, and waits until it answers
    /// requests by its configuration.
    pub async fn start(kind: ProxyKind, portico: SocketAddr, app: SocketAddr) -> Self {
        assert_eq!([portico.ip(), app.ip()], [Ipv4Addr::LOCALHOST; 2], "the pages name 127.0.0.1");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let page =
            fs::read_to_string(root().join(format!("docs/proxies/{}.md", kind.name()))).unwrap();
        for (name, text) in files(&page) {
            let text = with_addresses(&text, [port, portico.port(), app.port()]);
            fs::write(folder.path().join(name), text).unwrap();
        }

        let output = File::create(log_file(folder.path())).unwrap();
        let mut child = Command::new(kind.program())
            .args(kind.arguments())
            .current_dir(folder.path())
            // Caddy writes below these folders.
            .env("HOME", folder.path())
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_DATA_HOME")
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let starts = async {
            let mut polls = tokio::time::interval(Duration::from_millis(20));
            while child.try_wait().unwrap().is_none() {
                if is_ready(port).await {
                    return true;
                }
                polls.tick().await;
            }
            false
        };
        let started = tokio::time::timeout(START_TIMEOUT, starts).await.unwrap_or(false);
        let proxy = Self { _child: child, folder, base: format!("http://127.0.0.1:{port}") };
        assert!(started, "{kind:?} did not start");
        proxy
    }

    /// What it has written to stdout and stderr.
    pub fn log(&self) -> String {
        fs::read_to_string(log_file(self.folder.path())).unwrap_or_default()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("The log of the proxy:\n{}", self.log());
        }
    }
}

/// Whether it answers by its configuration: Traefik accepts connections before it has read its own,
/// and answers 404.
async fn is_ready(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else {
        return false;
    };
    let request = format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n");
    let mut response = Vec::new();
    stream.write_all(request.as_bytes()).await.is_ok()
        && stream.read_to_end(&mut response).await.is_ok()
        && response.starts_with(b"HTTP/1.1 ")
        && !response.starts_with(b"HTTP/1.1 404")
}

/// The files of a page, name and text: its fenced blocks that begin with a comment of one word.
fn files(page: &str) -> Vec<(&str, String)> {
    let mut files = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("```") {
            let block: Vec<_> = lines.by_ref().take_while(|&line| line != "```").collect();
            let comment = block
                .first()
                .and_then(|line| line.strip_prefix("# ").or_else(|| line.strip_prefix("-- ")));
            if let Some(name) = comment.filter(|name| !name.contains(' ')) {
                files.push((name, block.join("\n") + "\n"));
            }
        }
    }
    assert!(!files.is_empty(), "the page has no file");
    files
}

/// Replaces the ports of the proxy, of Portico and of the app, and the host name.
fn with_addresses(text: &str, ports: [u16; 3]) -> String {
    // By way of marks: a port may contain the digits of another one.
    let marks = [("8080", "\u{1}"), ("5000", "\u{2}"), ("3000", "\u{3}")];
    let text = text.replace("app.example.com", "127.0.0.1");
    let text = marks.iter().fold(text, |text, (port, mark)| text.replace(port, mark));
    let ports = marks.iter().zip(ports);
    ports.fold(text, |text, ((_, mark), port)| text.replace(mark, &port.to_string()))
}

fn log_file(folder: &Path) -> PathBuf {
    folder.join("log")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

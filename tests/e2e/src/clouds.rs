//! The emulator as a separate process, so that measurements of Portico exclude it.

use std::process::Stdio;

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// A running `portico-emulator`. It is killed when dropped.
pub struct EmulatorProcess {
    /// Killed when dropped.
    _child: Child,
    /// The base URL, `http://127.0.0.1:PORT`.
    pub address: String,
}

impl EmulatorProcess {
    /// Starts it on a free port and waits until it is ready.
    pub async fn start() -> Self {
        let mut child = Command::new(crate::program("portico-emulator"))
            .args(["--http", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut address = None;
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some(url) = line.strip_prefix("listening on ") {
                address = Some(url.trim_end_matches('/').to_owned());
            }
            if line.trim() == "ready" {
                break;
            }
        }
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { _child: child, address: address.unwrap() }
    }
}

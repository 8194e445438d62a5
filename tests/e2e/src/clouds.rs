//! The emulated clouds as a process of their own, for whoever measures Portico alone.

use std::process::Stdio;

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// The emulator's program. It is killed when dropped.
pub struct EmulatorProcess {
    /// Kept for its end.
    _child: Child,
    /// Where it is reached: `http://127.0.0.1:PORT`.
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
            if let Some(said) = line.strip_prefix("listening on ") {
                address = Some(said.trim_end_matches('/').to_owned());
            }
            if line.trim() == "ready" {
                break;
            }
        }
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { _child: child, address: address.unwrap() }
    }
}

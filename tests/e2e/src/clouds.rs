//! The emulator as a separate process, so that measurements of Portico exclude it, or with a clock of
//! its own.

use std::process::Stdio;

use portico_emulator::Fault;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::{Browser, Response};

/// A running `portico-emulator`. It is killed when dropped.
pub struct EmulatorProcess {
    child: Child,
    /// The base URL, `http://127.0.0.1:PORT`.
    pub address: String,
}

impl EmulatorProcess {
    /// Starts it on a free port and waits until it is ready.
    pub async fn start() -> Self {
        Self::start_with(vec![]).await
    }

    /// Starts it with these environment variables.
    pub async fn start_with(variables: Vec<(&str, String)>) -> Self {
        let mut child = Command::new(crate::program("portico-emulator"))
            .args(["--http", "127.0.0.1:0"])
            .envs(variables)
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
        Self { child, address: address.expect("the emulator did not start") }
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Injects a fault.
    pub async fn fault(&self, fault: &Fault) {
        let fault = serde_json::to_string(fault).unwrap();
        let json = |request: RequestBuilder| {
            request.header("content-type", "application/json").body(fault)
        };
        let response = self.control(Method::POST, "faults", json).await;
        assert_eq!(response.status, 204, "{response:?}");
    }

    /// Removes all faults.
    pub async fn clear_faults(&self) {
        let response = self.control(Method::DELETE, "faults", |request| request).await;
        assert_eq!(response.status, 204, "{response:?}");
    }

    /// The requests so far that redeem a refresh token, as the journal of the emulator has them.
    pub async fn refreshes(&self) -> Vec<Value> {
        let path = "requests?grant_type=refresh_token";
        let response = self.control(Method::GET, path, |request| request).await;
        response.json().as_array().unwrap().clone()
    }

    async fn control(
        &self,
        method: Method,
        path: &str,
        shape: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Response {
        let url = format!("{}/_emulator/{path}", self.address);
        Browser::default().send(method, &url, shape).await
    }
}

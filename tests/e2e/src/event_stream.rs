//! A client of server-sent events.

use std::time::Duration;

use reqwest::{StatusCode, header::HeaderMap};
use serde_json::Value;
use tokio::time::timeout;

use crate::Browser;

/// An open stream of `GET /api/events`.
pub struct EventStream {
    response: reqwest::Response,
    text: String,
}

impl EventStream {
    /// Opens the stream of the browser's session.
    pub async fn open(browser: &mut Browser, base: &str) -> Self {
        let response = browser.open(&format!("{base}/api/events")).await;
        assert_eq!(response.status(), StatusCode::OK);
        Self { response, text: String::new() }
    }

    /// The headers of the response.
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The next event, as its name and its data; `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned)
                };
                let event = field("event:").zip(field("data:"));
                self.text = rest.to_owned();
                if let Some((name, data)) = event {
                    return Some((name, serde_json::from_str(&data).unwrap()));
                }
            }
            let chunk = timeout(Duration::from_secs(60), self.response.chunk()).await;
            let chunk = chunk.expect("the stream says nothing").unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next event of this name; the others are skipped.
    pub async fn next_named(&mut self, name: &str) -> Value {
        loop {
            let (next, data) = self.next().await.expect("the stream has ended");
            if next == name {
                return data;
            }
        }
    }
}

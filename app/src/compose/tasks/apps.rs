//! Reads the protected apps again when `portico.toml` changes.

use std::time::Duration;

use portico_domain::apps::{Apps, ProtectedApp};

use crate::config::Config;

/// The polling interval of the file. Network drives and container platforms send no file system events.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Follows the file until it is dropped. `started` is the configuration at the start.
pub(in crate::compose) async fn run(started: Config, apps: Apps) {
    let mut follower = Follower::new(started.apps.clone());
    let mut ticks = tokio::time::interval(POLL_INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if !follower.is_changed(started.file_text()) {
            continue;
        }
        match follower.read(started.apps_again()) {
            Some(Ok(newer)) => {
                let ids: Vec<_> = newer.iter().map(|app| app.id.to_string()).collect();
                apps.replace(newer);
                tracing::info!(apps = ids.join(", "), "the protected apps have changed");
            }
            Some(Err(faults)) => {
                let why = faults.join(" ");
                tracing::error!(
                    why,
                    "the protected apps cannot be read again: the previous ones stay"
                );
            }
            None => {}
        }
    }
}

type Read = Result<Vec<ProtectedApp>, Vec<String>>;

/// What was read last.
struct Follower {
    last: Read,
    /// The text of the file that was read last; `None` before the first look: the file may have changed
    /// since the configuration was read.
    text: Option<Option<String>>,
    /// Another text, which the file had at the last look.
    newer: Option<Option<String>>,
}

impl Follower {
    fn new(last: Read) -> Self {
        Self { last, text: None, newer: None }
    }

    /// Whether the file has another text, and had it at the last look: an editor that truncates the file
    /// before it writes is not read halfway.
    fn is_changed(&mut self, text: Option<String>) -> bool {
        if self.text.as_ref() == Some(&text) {
            self.newer = None;
            return false;
        }
        if self.newer.as_ref() != Some(&text) {
            self.newer = Some(text);
            return false;
        }
        self.text = Some(text);
        self.newer = None;
        true
    }

    /// The apps or the faults, if they are others than those that were read last.
    fn read(&mut self, read: Read) -> Option<Read> {
        (read != self.last).then(|| {
            self.last.clone_from(&read);
            read
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn file_is_read_when_it_has_the_same_new_text_twice() {
        let mut follower = Follower::new(Ok(vec![]));
        // It may have changed since the start.
        assert!(!follower.is_changed(text("one")) && follower.is_changed(text("one")));
        assert!(!follower.is_changed(text("one")));
        // Truncated, then half, then whole.
        for unfinished in ["", "tw", "two"] {
            assert!(!follower.is_changed(text(unfinished)), "{unfinished}");
        }
        assert!(follower.is_changed(text("two")) && !follower.is_changed(text("two")));
        // Away for a moment, while another takes its place.
        assert!(!follower.is_changed(None) && !follower.is_changed(text("two")));
        assert!(!follower.is_changed(None) && follower.is_changed(None));
    }

    #[test]
    fn read_returns_what_differs_from_the_last() {
        let mut follower = Follower::new(Ok(vec![]));
        let fault = || Err(vec!["id is missing".to_owned()]);
        assert_eq!(follower.read(Ok(vec![])), None);
        assert_eq!(follower.read(fault()), Some(fault()));
        assert_eq!(follower.read(fault()), None);
        assert_eq!(follower.read(Ok(vec![])), Some(Ok(vec![])));
    }
}

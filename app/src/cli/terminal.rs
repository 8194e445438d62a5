//! What a person at a terminal reads and answers.

use std::io::{self, IsTerminal, Write};

use anyhow::bail;
use portico_domain::text::printable;

/// Writes to standard output, without what a file's name or a plug-in's words could do to a
/// terminal. A reader that has gone away wants no more: that is no failure.
pub(super) fn say(text: &str) -> anyhow::Result<()> {
    match io::stdout().lock().write_all(printable(text).as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Asks whoever is at the terminal. Fails where nobody is.
pub(super) fn agreed(question: &str) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("nobody is there to ask: read the above, then say --yes");
    }
    say(&format!("{question} [y/N] "))?;
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

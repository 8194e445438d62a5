//! Output to standard output, and the confirmation prompt.

use std::io::{self, IsTerminal, Write};

use anyhow::bail;
use portico_domain::text::printable;

/// Writes to standard output, without control characters: file names and texts of plug-ins could
/// contain terminal escape sequences. A closed pipe is no error.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    match io::stdout().lock().write_all(printable(text).as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Prompts for confirmation. Fails if standard input is not a terminal.
pub(super) fn confirm(question: &str) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("cannot prompt for confirmation without a terminal: read the above, then add --yes");
    }
    print(&format!("{question} [y/N] "))?;
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

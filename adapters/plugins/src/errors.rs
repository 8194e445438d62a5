//! Chains of errors.

use std::error::Error;

/// The texts of the error and its causes, separated by colons.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// The error and all its causes.
pub(crate) fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source())
}

#[cfg(test)]
mod tests {
    use std::io;

    use portico_wasm::LoadError;

    use super::*;

    #[test]
    fn chain_contains_each_cause_once() {
        let error = LoadError::Child(io::Error::other("no process"));
        assert!(chain(&error).ends_with("may start processes: no process"), "{}", chain(&error));
    }
}

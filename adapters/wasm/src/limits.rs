//! Resource limits of an instance.

use std::{fmt, time::Duration};

use thiserror::Error;

/// Resource limits of one instance. The entry in `providers.lock` may change them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all memories and tables together. 32 MiB suffice for a plug-in in Rust; one with a
    /// language runtime needs more.
    pub memory: usize,
    /// Processor time over all calls of the instance, which belong to one login.
    pub time: Duration,
    /// Bytes of one return value once it is copied out.
    pub output: usize,
}

impl Default for Limits {
    /// 128 MiB of memory, a second of processor time per login and 8 MiB of output per call. A component in
    /// JavaScript takes half of it to list 10,000 entries, on a slow machine.
    fn default() -> Self {
        Self { memory: 128 << 20, time: Duration::from_secs(1), output: 8 << 20 }
    }
}

/// The limit that an instance exceeded.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub(crate) enum Exceeded {
    #[error("it used more than {} ms of processor time in one login", .0.as_millis())]
    Time(Duration),
    #[error("it needed more than {} of memory", Bytes(*.0))]
    Memory(usize),
    #[error("its answer was larger than {}", Bytes(*.0))]
    Output(usize),
}

/// Displays a number of bytes with its largest whole binary unit.
pub(crate) struct Bytes(pub(crate) usize);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            mib if mib >= 1 << 20 && mib.is_multiple_of(1 << 20) => write!(f, "{} MiB", mib >> 20),
            kib if kib >= 1 << 10 && kib.is_multiple_of(1 << 10) => write!(f, "{} KiB", kib >> 10),
            bytes => write!(f, "{bytes} bytes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::time(
        Exceeded::Time(Duration::from_secs(1)),
        "it used more than 1000 ms of processor time in one login"
    )]
    #[case::memory(Exceeded::Memory(128 << 20), "it needed more than 128 MiB of memory")]
    #[case::output(Exceeded::Output(8 << 20), "its answer was larger than 8 MiB")]
    #[case::kibibytes(Exceeded::Memory(96 << 10), "it needed more than 96 KiB of memory")]
    #[case::bytes(Exceeded::Memory(1), "it needed more than 1 bytes of memory")]
    fn exceeded_names_limit_with_its_unit(#[case] exceeded: Exceeded, #[case] text: &str) {
        assert_eq!(exceeded.to_string(), text);
    }

    #[test]
    fn default_limits_are_128_mib_500_ms_and_8_mib() {
        let expected = Limits { memory: 128 << 20, time: Duration::from_secs(1), output: 8 << 20 };
        assert_eq!(Limits::default(), expected);
    }
}

//! The limit of open file descriptors (RLIMIT_NOFILE).

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the soft limit of file descriptors to the hard limit and returns the resulting soft limit.
/// Many systems start processes with a soft limit of 1,024.
pub fn raise_descriptor_limit() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, ..limit };
    let limit = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => raised,
        Err(_) => limit,
    };
    limit.current.unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raise_descriptor_limit_sets_soft_limit_to_hard_limit() {
        let maximum = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
        let low = Rlimit { current: Some(64), maximum: getrlimit(Resource::Nofile).maximum };
        setrlimit(Resource::Nofile, low).unwrap();
        assert_eq!(raise_descriptor_limit(), maximum);
    }
}

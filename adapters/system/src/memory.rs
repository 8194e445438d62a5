//! The memory limit of this process.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

/// The memory of this machine in bytes, or the limit of this process's control group if that is
/// lower. `None` if neither can be read.
pub fn memory_of_machine() -> Option<u64> {
    memory_limit(Path::new("/"))
}

/// As [`memory_of_machine`], with the system's files below `root`.
fn memory_limit(root: &Path) -> Option<u64> {
    let groups = text(&root.join("proc/self/cgroup")).unwrap_or_default();
    let groups = groups.lines().flat_map(|line| group_limits(root, line));
    groups.chain(mem_total(root)).min()
}

/// proc_meminfo(5): `MemTotal: 24576000 kB`.
fn mem_total(root: &Path) -> Option<u64> {
    let text = text(&root.join("proc/meminfo"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// The memory limits that a line of `/proc/self/cgroup` (cgroups(7)) leads to: `0::/a/b` (version 2)
/// or `4:memory:/a/b` (version 1). The limits of all parent groups apply too. In a container the path
/// may be the host's and absent from the mount; the container's own group is then the mount's root.
fn group_limits(root: &Path, line: &str) -> Vec<u64> {
    let mut parts = line.splitn(3, ':').skip(1);
    let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else { return vec![] };
    let (mount, file) = match controllers {
        "" => (root.join("sys/fs/cgroup"), "memory.max"),
        named if named.split(',').any(|it| it == "memory") => {
            (root.join("sys/fs/cgroup/memory"), "memory.limit_in_bytes")
        }
        _ => return vec![],
    };
    let inner = Path::new(path).components().filter(|it| matches!(it, Component::Normal(_)));
    let inner: PathBuf = inner.collect();
    let limits = inner.ancestors().filter_map(|group| text(&mount.join(group).join(file)));
    // No limit is `max` in version 2, which does not parse, and a number near 2^63 in version 1.
    limits.filter_map(|limit| limit.trim().parse().ok()).collect()
}

fn text(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    /// The limit on a system with these files.
    fn limit_with(files: &[(&str, &str)]) -> Option<u64> {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        memory_limit(root.path())
    }

    const MACHINE: (&str, &str) = ("proc/meminfo", "MemFree: 1 kB\nMemTotal:    1024000 kB\n");

    #[test]
    fn memory_without_control_group_is_mem_total() {
        assert_eq!(limit_with(&[MACHINE]), Some(1000 * MIB));
        assert_eq!(limit_with(&[]), None);
        assert_eq!(limit_with(&[("proc/meminfo", "MemTotal: many kB\n")]), None);
    }

    #[test]
    fn memory_is_smallest_limit_up_the_version_2_hierarchy() {
        let limit = |inner, outer| {
            limit_with(&[
                MACHINE,
                ("proc/self/cgroup", "0::/system.slice/portico.service\n"),
                ("sys/fs/cgroup/system.slice/portico.service/memory.max", inner),
                ("sys/fs/cgroup/system.slice/memory.max", outer),
            ])
        };
        assert_eq!(limit("max\n", "max\n"), Some(1000 * MIB));
        assert_eq!(limit("268435456\n", "max\n"), Some(256 * MIB));
        assert_eq!(limit("268435456\n", "134217728\n"), Some(128 * MIB));
        assert_eq!(limit("9223372036854771712\n", "max\n"), Some(1000 * MIB));
    }

    #[test]
    fn memory_limit_of_container_is_read_at_the_mount_root() {
        let files = [
            MACHINE,
            ("proc/self/cgroup", "0::/../../docker/0123\n"),
            ("sys/fs/cgroup/memory.max", "67108864\n"),
        ];
        assert_eq!(limit_with(&files), Some(64 * MIB));
    }

    #[test]
    fn memory_reads_only_the_memory_controller_of_version_1() {
        let files = [
            MACHINE,
            ("proc/self/cgroup", "5:cpu,cpuacct:/a\n4:memory:/docker/0123\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "33554432\n"),
            ("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "1\n"),
        ];
        assert_eq!(limit_with(&files), Some(32 * MIB));
    }
}
